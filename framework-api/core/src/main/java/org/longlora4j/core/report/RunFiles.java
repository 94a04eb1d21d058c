package org.longlora4j.core.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.longlora4j.api.plugin.InvalidInputException;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What the files of a run's directory say. Whatever a run did not come to write is empty.
 *
 * @param directory of the run
 * @param recipeText the resolved recipe as it stands in {@code recipe.yaml}
 * @param recipe the same, parsed
 * @param environment the keys and values of {@code run.json}
 * @param steps the lines of {@code metrics.jsonl}
 * @param heldOut the lines of {@code evaluation.jsonl}
 * @param summary how the run ended
 * @param before measurements of the base model
 * @param after measurements of the trained model
 */
record RunFiles(
    Path directory,
    String recipeText,
    Map<?, ?> recipe,
    Map<String, String> environment,
    List<Step> steps,
    List<HeldOut> heldOut,
    Optional<RunSummary> summary,
    Measurements before,
    Measurements after) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** One optimizer step, as in {@link org.longlora4j.api.train.StepMetrics}. */
  record Step(
      int step, double loss, double gradNorm, double learningRate, double tokensPerSecond) {}

  /** The held-out loss after a step, in nats. */
  record HeldOut(int step, double loss) {}

  /**
   * Reads all files.
   *
   * @throws InvalidInputException if there is no run
   * @throws IOException if a file cannot be read
   */
  static RunFiles read(Path directory) throws IOException {
    Path recipe = directory.resolve("recipe.yaml");
    if (!Files.exists(recipe)) {
      throw new InvalidInputException(
          directory + " holds no run: it has no recipe.yaml. Name a directory that train wrote.");
    }
    String text = Files.readString(recipe);
    return new RunFiles(
        directory.toAbsolutePath().normalize(),
        text,
        parse(text),
        environment(directory.resolve("run.json")),
        lines(
            directory.resolve("metrics.jsonl"),
            json ->
                new Step(
                    json.path("step").asInt(),
                    json.path("loss").asDouble(),
                    json.path("grad_norm").asDouble(),
                    json.path("learning_rate").asDouble(),
                    json.path("tokens_per_second").asDouble())),
        lines(
            directory.resolve("evaluation.jsonl"),
            json -> new HeldOut(json.path("step").asInt(), json.path("loss").asDouble())),
        RunSummary.read(directory),
        Measurements.read(directory, Measurements.Model.BEFORE).orElseGet(Measurements::none),
        Measurements.read(directory, Measurements.Model.AFTER).orElseGet(Measurements::none));
  }

  private static Map<?, ?> parse(String yaml) {
    Object root = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return root instanceof Map<?, ?> map ? map : Map.of();
  }

  private static Map<String, String> environment(Path file) throws IOException {
    Map<String, String> environment = new LinkedHashMap<>();
    if (Files.exists(file)) {
      JSON.readTree(file.toFile())
          .properties()
          .forEach(entry -> environment.put(entry.getKey(), text(entry.getValue())));
    }
    return environment;
  }

  /** A plain value as it is, a map in one line. */
  private static String text(JsonNode value) {
    return value.isObject()
        ? value.properties().stream()
            .map(entry -> entry.getKey() + " " + entry.getValue().asText())
            .collect(Collectors.joining(", "))
        : value.asText();
  }

  private static <T> List<T> lines(Path file, Function<JsonNode, T> read) throws IOException {
    List<T> lines = new ArrayList<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        json(line).map(read).ifPresent(lines::add);
      }
    }
    return lines;
  }

  /** A line, unless it was cut off while it was written. */
  private static Optional<JsonNode> json(String line) {
    try {
      return Optional.of(JSON.readTree(line)).filter(JsonNode::isObject);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** The recipe's value under a path of keys, if it is a plain one. */
  Optional<String> value(String... keys) {
    Object node = recipe;
    for (String key : keys) {
      node = node instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return node == null || node instanceof Map<?, ?> ? Optional.empty() : Optional.of("" + node);
  }
}
