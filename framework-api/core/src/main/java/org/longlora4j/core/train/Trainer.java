package org.longlora4j.core.train;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.checkpoint.NotedParameters;
import org.longlora4j.core.checkpoint.RunOutput;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.report.RunSummary.Ending;
import org.longlora4j.core.tensor.TorchServices;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a recipe from the first step, or from the newest checkpoint, to the last. */
public final class Trainer {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private final TorchServices services;
  private final Supplier<Precision> faster;

  /**
   * How a run ended.
   *
   * @param output the run directory
   * @param lastStep the last step that was taken, in this run or before
   * @param completed whether that is the recipe's last; false if the run was stopped
   * @param loss of the last step, in nats; not a number if none was taken
   * @param seconds from the first step taken here to the end
   * @param peakMemoryBytes largest resident memory of the process
   * @param data what was read in all sessions of the run, and what was left out of it
   */
  public record Result(
      Path output,
      int lastStep,
      boolean completed,
      double loss,
      double seconds,
      long peakMemoryBytes,
      DataReport data) {
    Result withData(DataReport read) {
      return new Result(output, lastStep, completed, loss, seconds, peakMemoryBytes, read);
    }
  }

  /** Prepares to train. */
  public Trainer(TorchServices services) {
    this(services, new FasterPrecision(services));
  }

  /**
   * Prepares to train.
   *
   * @param services the engine
   * @param faster asked for the format of runs that leave it to the machine
   */
  public Trainer(TorchServices services, Supplier<Precision> faster) {
    this.services = requireNonNull(services, "services is null");
    this.faster = requireNonNull(faster, "faster is null");
  }

  /**
   * Trains.
   *
   * @param run prepared; the caller closes it
   * @param resume whether to go on with a run in the output directory
   * @param watchers who watches, beside the recipe's own listeners; closed at the end, also if
   *     there is no beginning
   * @param stop asked after each step; when it answers true, the state is saved and the run ends
   * @throws org.longlora4j.api.plugin.InvalidInputException if the output cannot be used, or the
   *     data ends before a resumed run's next row
   * @throws TrainingFailedException if the loss is no longer finite
   */
  public Result train(
      PreparedRun run, boolean resume, List<TrainingListener> watchers, BooleanSupplier stop) {
    RunDirectory directory = new RunDirectory(run.recipe());
    List<TrainingListener> first = new ArrayList<>(List.of(new MetricsFile(directory.path())));
    first.addAll(watchers);
    try (Listeners listeners = Listeners.of(first, run.parts().listeners())) {
      directory.requireUsable(resume);
      RunLock lock = directory.lock(resume);
      try {
        return train(run, directory, resume, listeners, stop);
      } finally {
        lock.close();
      }
    }
  }

  private Result train(
      PreparedRun run,
      RunDirectory directory,
      boolean resume,
      Listeners listeners,
      BooleanSupplier stop) {
    CheckpointStore store =
        new CheckpointStore(
            directory.path(), run.recipe().training().keepCheckpoints(), services.compiler());
    Optional<CheckpointStore.Position> latest = resume ? store.latest() : Optional.empty();
    CheckpointStore.Position from =
        latest.orElse(new CheckpointStore.Position(0, DataPosition.START));
    RunChoices choices = directory.choices().filter(c -> resume).orElseGet(() -> choose(run));
    Optional<NotedParameters> saved = saved(run, services);
    Composition composition = composition(run, choices, saved);
    try (ShuffledRows rows = run.data().rows(from.data());
        CausalLanguageModel model = load(run, composition, saved, services);
        TrainingState state = new TrainingState(model, run.parts().optimizer())) {
      latest.ifPresent(position -> store.restore(position, state));
      directory.begin(choices, services.engine());
      RunStart start = start(run, composition, model, from);
      listeners.onStart(start);
      RunAccount account = RunAccount.begin(run, start, model, state);
      TrainingLoop loop =
          new TrainingLoop(
              run, model, state, rows, store, listeners, choices, account.clock(), services);
      return finish(run, model, account, () -> loop.run(from, stop));
    }
  }

  private RunChoices choose(PreparedRun run) {
    RunChoices.regret(run.recipe().training().precision(), faster).ifPresent(LOG::warn);
    return RunChoices.of(run, faster, services.engine().device().isGpu());
  }

  /** Takes the steps, writes what comes out, and closes the account, also of a failed run. */
  private Result finish(
      PreparedRun run, CausalLanguageModel model, RunAccount account, Supplier<Result> steps) {
    try {
      Result result = steps.get();
      if (result.completed()) {
        save(run, model);
      }
      Ending ending = result.completed() ? Ending.COMPLETED : Ending.STOPPED;
      return result.withData(account.end(ending, Optional.empty()));
    } catch (TrainingFailedException e) {
      account.end(Ending.FAILED, Optional.of(e.getMessage()));
      throw e;
    }
  }

  /** Loads the model that a run trains, as it is before the first step; the caller closes it. */
  static CausalLanguageModel load(PreparedRun run, RunChoices choices, TorchServices services) {
    Optional<NotedParameters> saved = saved(run, services);
    return load(run, composition(run, choices, saved), saved, services);
  }

  private static Optional<NotedParameters> saved(PreparedRun run, TorchServices services) {
    return run.start()
        .map(
            adapter ->
                new NotedParameters(
                    adapter,
                    run.parts().plan(),
                    run.checkpoint().config().names(),
                    services.compiler()));
  }

  private static Composition composition(
      PreparedRun run, RunChoices choices, Optional<NotedParameters> saved) {
    return new Composition(
        run.parts().plan(),
        run.parts().quantizer(),
        run.checkpoint().config().rotary().withScaling(run.parts().scaling()),
        choices.precision(),
        saved.map(parameters -> parameters),
        run.recipe().training().seed(),
        true);
  }

  private static CausalLanguageModel load(
      PreparedRun run,
      Composition composition,
      Optional<NotedParameters> saved,
      TorchServices services) {
    CausalLanguageModel model = new ModelLoader(services).load(run.checkpoint(), composition);
    boolean whole = false;
    try {
      saved.ifPresent(NotedParameters::requireAllRead);
      whole = true;
      return model;
    } finally {
      if (!whole) {
        model.close();
      }
    }
  }

  private static RunStart start(
      PreparedRun run,
      Composition composition,
      CausalLanguageModel model,
      CheckpointStore.Position from) {
    Recipe recipe = run.recipe();
    long tokens =
        (long) recipe.training().batchSize() * recipe.training().accumulate() * recipe.context();
    return new RunStart(
        recipe.output(),
        from.step() + 1,
        recipe.training().steps(),
        tokens,
        model.trained().size(),
        totalParameters(run, composition));
  }

  /** Trained or not, with an adapter's and with a head that no longer follows the embeddings. */
  private static long totalParameters(PreparedRun run, Composition composition) {
    ModelConfig config = run.checkpoint().config();
    long modules = run.checkpoint().modules().stream().mapToLong(Trainer::parameters).sum();
    long adapters =
        composition.plan().projections().values().stream()
            .map(ProjectionAdapter::parameters)
            .flatMap(shapes -> shapes.values().stream())
            .mapToLong(Shape::size)
            .sum();
    long untiedHead =
        composition.unties(config) ? (long) config.vocabularySize() * config.hiddenSize() : 0;
    return modules + adapters + untiedHead;
  }

  private static long parameters(ModelModule module) {
    return module.weight().size() + (module.bias() ? module.weight().get(0) : 0);
  }

  private void save(PreparedRun run, CausalLanguageModel model) {
    try {
      new RunOutput(run.checkpoint(), services)
          .write(
              run.recipe().output(),
              run.targetConfig(),
              run.parts().plan(),
              model.trained().all(),
              StartingModel.tokenizerFiles(run.recipe())
                  .filter(
                      files -> files.isChanged() || !run.checkpoint().resizedTensors().isEmpty()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
