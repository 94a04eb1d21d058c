package org.longlora4j.kit;

import static org.longlora4j.kit.KitKernels.SERVICES;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.train.PreparedRun;
import org.longlora4j.core.train.Trainer;

/** Trains a {@link TinyModel} for a few steps with some sections of a recipe given. */
final class TinyRun {
  static final int STEPS = 4;

  /** What training takes up where the given sections do not say otherwise. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "data", "{ use: text, path: text.txt }",
          "training.steps", Integer.toString(STEPS),
          "training.checkpoint-every", "2",
          "training.learning-rate", "0.01",
          "training.precision", "float32",
          "training.recompute", "true",
          "training.seed", "7");

  private final ExtensionRegistry registry;
  private final Path recipe;

  /** Runs of the Llama. */
  TinyRun(Path folder, ExtensionRegistry registry) throws IOException {
    this(folder, registry, TinyModel.writeTo(folder.resolve("model")));
  }

  /** Runs of a checkpoint in the folder. */
  TinyRun(Path folder, ExtensionRegistry registry, Path model) throws IOException {
    this.registry = registry;
    Files.writeString(
        folder.resolve("text.txt"), "Once upon a time there was a model. ".repeat(40));
    recipe =
        Files.writeString(folder.resolve("recipe.yaml"), "model: " + model.getFileName() + "\n");
  }

  /** Takes all steps and gives the loss of each. */
  List<Double> losses(String output, Map<String, String> sections) {
    return train(output, sections, false, STEPS);
  }

  /** Takes half of the steps, stops, goes on, and gives the losses of both parts. */
  List<Double> lossesWithAStop(String output, Map<String, String> sections) {
    List<Double> losses = new ArrayList<>(train(output, sections, false, STEPS / 2));
    losses.addAll(train(output, sections, true, STEPS));
    return losses;
  }

  private List<Double> train(
      String output, Map<String, String> sections, boolean resume, int stopAfter) {
    Map<String, String> settings = new LinkedHashMap<>(DEFAULTS);
    settings.put("context", Integer.toString(2 * TinyModel.LENGTH));
    settings.putAll(sections);
    settings.put("output", output);
    List<String> overrides = new ArrayList<>();
    settings.forEach((key, value) -> overrides.add(key + "=" + value));
    Recipe read = new RecipeReader(registry, RecipeLibrary.empty()).read(recipe, overrides);
    List<Double> losses = new ArrayList<>();
    TrainingListener watcher =
        new TrainingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            losses.add(metrics.loss());
          }
        };
    try (PreparedRun run = PreparedRun.of(read, registry, SERVICES)) {
      new Trainer(SERVICES).train(run, resume, List.of(watcher), () -> losses.size() >= stopAfter);
    }
    return losses;
  }
}
