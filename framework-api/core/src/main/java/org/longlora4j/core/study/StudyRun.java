package org.longlora4j.core.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeChange;
import org.longlora4j.core.recipe.RecipeWriter;
import org.longlora4j.core.recipe.StudyEvaluation;
import org.longlora4j.core.report.Measurements;
import org.longlora4j.core.report.Report;
import org.longlora4j.core.report.RunSummary;
import org.longlora4j.core.report.StudyResults.Outcome;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.core.train.PreparedRun;
import org.longlora4j.core.train.ProcessMemory;
import org.longlora4j.core.train.Trainer;

/** One run of a study: a recipe with its seed, trained and measured. */
final class StudyRun {
  private final Recipe recipe;
  private final StudyEvaluation evaluation;
  private final ExtensionRegistry registry;
  private final TorchServices services;
  private final Trainer trainer;

  StudyRun(
      Recipe recipe,
      StudyEvaluation evaluation,
      ExtensionRegistry registry,
      TorchServices services,
      Trainer trainer) {
    this.recipe = recipe;
    this.evaluation = evaluation;
    this.registry = registry;
    this.services = services;
    this.trainer = trainer;
  }

  /**
   * Trains as far as that is not done yet, and measures what comes out.
   *
   * @return empty if the training was stopped
   */
  Optional<Outcome> trained(StudyWatcher watcher, BooleanSupplier stop) {
    if (!isTrained()) {
      new ProcessMemory().restartPeak();
      try (PreparedRun run = PreparedRun.of(recipe, registry, services)) {
        boolean completed = trainer.train(run, true, watcher.trainingListeners(), stop).completed();
        if (!completed) {
          return Optional.empty();
        }
      }
    }
    watcher.onMeasurement();
    Measurements measured = measureTrained();
    try {
      measured.write(recipe.output(), Measurements.Model.AFTER);
      new Report().write(recipe.output());
      RunSummary summary = RunSummary.read(recipe.output()).orElseThrow();
      return Optional.of(
          new Outcome(
              summary.seconds(),
              summary.peakMemoryBytes(),
              summary.trainableParameters(),
              measured));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether this very recipe's training is completed; the directory may have been moved. */
  private boolean isTrained() {
    Path carriedOut = recipe.output().resolve("recipe.yaml");
    try {
      return RunSummary.read(recipe.output())
              .filter(summary -> summary.ending() == RunSummary.Ending.COMPLETED)
              .isPresent()
          && RecipeChange.between(Files.readString(carriedOut), RecipeWriter.write(recipe)).stream()
              .allMatch(change -> change.key().equals("output"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A run leaves an adapter upon its model, or a model of its own. */
  private Measurements measureTrained() {
    boolean adapter = Files.exists(recipe.output().resolve("adapter_config.json"));
    return adapter
        ? measure(recipe.model().path().orElseThrow(), Optional.of(recipe.output()))
        : measure(recipe.output(), Optional.empty());
  }

  private Measurements measure(Path model, Optional<Path> adapter) {
    try (AdaptedCheckpoint checkpoint =
        AdaptedCheckpoint.open(model, adapter, registry, services)) {
      return measure(checkpoint, checkpoint.config().rotary());
    }
  }

  /** Measures the recipe's model under the recipe's positional scaling, as it is otherwise. */
  Outcome untrained(StudyWatcher watcher) {
    watcher.onMeasurement();
    Path model = recipe.model().path().orElseThrow();
    try (AdaptedCheckpoint checkpoint =
        AdaptedCheckpoint.open(model, Optional.empty(), registry, services)) {
      RotaryEmbedding own = checkpoint.config().rotary();
      PositionalScaling position = registry.create(recipe.position(), services);
      ProblemList problems = new ProblemList(recipe::placeOf, "");
      position.check(own, recipe.context(), problems.in(recipe.file(), "position"));
      problems.throwIfAny();
      return Outcome.untrained(
          measure(checkpoint, own.withScaling(position.scale(own, recipe.context()))));
    }
  }

  private Measurements measure(AdaptedCheckpoint checkpoint, RotaryEmbedding rotary) {
    // What trained upon quantized weights is measured upon them.
    WeightQuantizer quantizer = registry.create(recipe.quantization(), services);
    Optional<Tokenizer> tokenizer = tokenizer();
    try (CausalLanguageModel model = checkpoint.load(Precision.FLOAT32, rotary, quantizer)) {
      return new ModelMeasurement(
              registry.create(evaluation.data(), services),
              evaluation.perplexity().settings(),
              evaluation.passkey())
          .of(model, tokenizer, services);
    } finally {
      tokenizer.ifPresent(Tokenizer::close);
    }
  }

  /** Beside the run if tokens were added, else beside its model. */
  private Optional<Tokenizer> tokenizer() {
    return Tokenizer.inDirectory(recipe.output())
        .or(() -> recipe.model().tokenizer().flatMap(Tokenizer::inDirectory))
        .or(() -> recipe.model().path().flatMap(Tokenizer::inDirectory));
  }
}
