package org.longlora4j.core.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeWriter;
import org.longlora4j.core.recipe.StudyEvaluation;
import org.longlora4j.core.report.Measurements;
import org.longlora4j.core.report.StudyResults.Outcome;
import org.longlora4j.core.report.StudyResults.State;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * What a study has put down about one of its runs, in a JSON file beside the run's directory: where
 * the run stands, what it carries out, and what came of it.
 *
 * @param state where it stands
 * @param recipe as {@link RecipeWriter} writes it
 * @param evaluation likewise
 * @param outcome of a completed run
 * @param failure of a failed one
 */
record RunNote(
    State state,
    String recipe,
    String evaluation,
    Optional<Outcome> outcome,
    Optional<String> failure) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static RunNote begun(Recipe recipe, StudyEvaluation evaluation) {
    return new RunNote(
        State.BEGUN,
        RecipeWriter.write(recipe),
        RecipeWriter.writeOptions(evaluation),
        Optional.empty(),
        Optional.empty());
  }

  RunNote completed(Outcome outcome) {
    return new RunNote(State.COMPLETED, recipe, evaluation, Optional.of(outcome), Optional.empty());
  }

  RunNote failed(String message) {
    return new RunNote(State.FAILED, recipe, evaluation, Optional.empty(), Optional.of(message));
  }

  /** Reads what was put down about a run, if anything was. */
  static Optional<RunNote> read(Path run) {
    Path file = file(run);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(file.toFile());
      return Optional.of(
          new RunNote(
              State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT)),
              json.path("recipe").asText(),
              json.path("evaluation").asText(),
              json.has("measured") ? Optional.of(outcome(json)) : Optional.empty(),
              Optional.ofNullable(json.path("failure").textValue())));
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(
          file + " cannot be read: " + e.getMessage() + ". Remove it to measure that run again.",
          e);
    }
  }

  private static Outcome outcome(JsonNode json) throws IOException {
    return new Outcome(
        json.path("seconds").asDouble(),
        json.path("peak_memory_bytes").asLong(),
        json.path("trained_parameters").asLong(),
        JSON.treeToValue(json.get("measured"), Measurements.class));
  }

  /** Puts it down. */
  void write(Path run) {
    ObjectNode json = JSON.createObjectNode();
    json.put("state", state.name().toLowerCase(Locale.ROOT));
    failure.ifPresent(message -> json.put("failure", message));
    outcome.ifPresent(
        known -> {
          json.put("seconds", known.seconds());
          json.put("peak_memory_bytes", known.peakMemoryBytes());
          json.put("trained_parameters", known.trainedParameters());
          json.set("measured", JSON.valueToTree(known.measured()));
        });
    json.put("recipe", recipe);
    json.put("evaluation", evaluation);
    try {
      Files.createDirectories(run.getParent());
      AtomicFile.write(file(run), json.toPrettyString() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path file(Path run) {
    return run.resolveSibling(run.getFileName() + ".json");
  }
}
