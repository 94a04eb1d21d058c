package org.longlora4j.core.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeChange;
import org.longlora4j.core.recipe.RecipeWriter;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.AtomicFile;
import org.longlora4j.core.tensor.TorchEngine;
import oshi.SystemInfo;

/** A run's output directory: what is decided about it before the first step, and who may use it. */
final class RunDirectory {
  /** The resolved recipe, which trains the same wherever it is read. */
  static final String RECIPE = "recipe.yaml";

  private static final String RUN = "run.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What may differ when a run is resumed: none of it changes the steps that were taken. */
  private static final Set<String> MAY_CHANGE =
      Set.of(
          "output",
          "training.steps",
          "training.learning-rate",
          "training.max-grad-norm",
          "training.checkpoint-every",
          "training.keep-checkpoints",
          "listeners");

  private final Path path;
  private final Recipe recipe;

  RunDirectory(Recipe recipe) {
    this.path = recipe.output();
    this.recipe = recipe;
  }

  Path path() {
    return path;
  }

  /**
   * Refuses a directory that is in use.
   *
   * @param resume whether the run in it is to go on
   * @throws InvalidInputException if it holds a run and {@code resume} is false, holds another
   *     recipe's run, or holds something else
   */
  void requireUsable(boolean resume) {
    if (holdsRun()) {
      if (!resume) {
        throw new InvalidInputException(
            "%s: output: %s holds a run already. Go on with it by --resume, or name another output."
                .formatted(recipe.file(), path));
      }
      requireSameRecipe();
    } else if (Files.exists(path)) {
      requireEmpty();
    } else {
      AtomicDirectory.requirePlace(path);
    }
  }

  /** Whether there is a run in it, this recipe's or another's. */
  boolean holdsRun() {
    return Files.exists(path.resolve(RECIPE));
  }

  /**
   * Keeps other processes away, and makes sure that none was faster.
   *
   * @param resume whether the run in it is to go on
   * @return what the caller closes when the run is over
   * @throws InvalidInputException if another process trains here, or as {@link #requireUsable} does
   */
  RunLock lock(boolean resume) {
    RunLock lock =
        RunLock.of(path)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s: output: another process trains in %s. Wait for its end, or name another output."
                            .formatted(recipe.file(), path)));
    boolean usable = false;
    try {
      requireUsable(resume);
      usable = true;
      return lock;
    } finally {
      if (!usable) {
        lock.close();
      }
    }
  }

  /** A run that ended before it had written its recipe, the first file, has left nothing else. */
  private void requireEmpty() {
    try (Stream<Path> entries = Files.list(path)) {
      if (!entries.allMatch(
          entry -> entry.endsWith(RECIPE + ".partial") || entry.endsWith(RunLock.FILE))) {
        throw new InvalidInputException(
            "%s: output: %s exists and holds no run. Name another output, or empty it."
                .formatted(recipe.file(), path));
      }
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s: output: %s is not a directory that can be read.".formatted(recipe.file(), path), e);
    }
  }

  private void requireSameRecipe() {
    try {
      List<String> changes =
          RecipeChange.between(Files.readString(path.resolve(RECIPE)), RecipeWriter.write(recipe))
              .stream()
              .filter(change -> !MAY_CHANGE.contains(change.key()))
              .map(
                  change ->
                      "%s: %s: is %s, was %s when the run began"
                          .formatted(recipe.file(), change.key(), change.now(), change.before()))
              .toList();
      if (!changes.isEmpty()) {
        throw new InvalidInputException(
            String.join("\n", changes) + "\nPut that back, or begin a new run in another output.");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The choices that the run in this directory began with, if there is one. */
  Optional<RunChoices> choices() {
    Path file = path.resolve(RUN);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(file.toFile());
      String recompute = json.path("recompute").textValue();
      return Optional.of(
          new RunChoices(
              Precision.valueOf(json.path("precision").asText().toUpperCase(Locale.ROOT)),
              Kept.of(recompute)
                  .orElseThrow(
                      () ->
                          new IllegalArgumentException(
                              "recompute is none of " + Kept.settings()))));
    } catch (IOException | IllegalArgumentException e) {
      throw new InvalidInputException(
          file + " cannot be read: " + e.getMessage() + ". Begin a new run in another output.", e);
    }
  }

  /** Creates the directory and puts down what is decided. */
  void begin(RunChoices choices, TorchEngine engine) {
    try {
      Files.createDirectories(path);
      ObjectNode json = JSON.createObjectNode();
      Optional.ofNullable(RunDirectory.class.getPackage().getImplementationVersion())
          .ifPresent(version -> json.put("version", version));
      ObjectNode plugins = json.putObject("plugins");
      plugins().forEach(plugin -> plugins.put(plugin.name(), plugin.version()));
      json.put("precision", choices.precision().name().toLowerCase(Locale.ROOT));
      json.put("recompute", choices.kept().setting());
      json.put("engine", engine.version());
      json.put("threads", engine.threads());
      json.put("allocator", ProcessMemory.allocator());
      json.put("device", engine.device().toString());
      json.put("java", Runtime.version().toString());
      json.put("platform", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
      json.put(
          "processor",
          new SystemInfo().getHardware().getProcessor().getProcessorIdentifier().getName().strip());
      // The recipe first: a directory that has one is a run's, and a run may end at any moment.
      AtomicFile.write(path.resolve(RECIPE), RecipeWriter.write(recipe));
      AtomicFile.write(path.resolve(RUN), json.toPrettyString() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The plugins that steps come from. */
  private List<LoadedPlugin> plugins() {
    return Stream.of(
            recipe.attention(),
            recipe.adapter(),
            recipe.position(),
            recipe.quantization(),
            recipe.data(),
            recipe.training().optimizer())
        .map(choice -> choice.bound().plugin())
        .distinct()
        .toList();
  }
}
