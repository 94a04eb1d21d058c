package org.longlora4j.core.train;

import static org.longlora4j.core.train.PhaseClock.Phase.CHECKPOINTS;
import static org.longlora4j.core.train.PhaseClock.Phase.EVALUATION;

import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions;
import org.longlora4j.core.tensor.TorchServices;

/** The steps of a run, one after another, with checkpoints and evaluations between them. */
final class TrainingLoop {
  private final Recipe recipe;
  private final TrainingOptions options;
  private final CausalLanguageModel model;
  private final TrainingState state;
  private final ShuffledRows rows;
  private final HeldOutLoss heldOut;
  private final CheckpointStore store;
  private final Listeners listeners;
  private final TrainingStep step;
  private final PhaseClock clock;
  private final ProcessMemory memory = new ProcessMemory();

  TrainingLoop(
      PreparedRun run,
      CausalLanguageModel model,
      TrainingState state,
      ShuffledRows rows,
      CheckpointStore store,
      Listeners listeners,
      RunChoices choices,
      PhaseClock clock,
      TorchServices services) {
    this.recipe = run.recipe();
    this.options = recipe.training();
    this.model = model;
    this.state = state;
    this.rows = rows;
    this.heldOut = new HeldOutLoss(model, services, run.data().heldOut());
    this.store = store;
    this.listeners = listeners;
    this.clock = clock;
    this.step = new TrainingStep(run, model, state, rows, choices.kept(), services);
  }

  Trainer.Result run(CheckpointStore.Position from, BooleanSupplier stop) {
    long start = System.nanoTime();
    CheckpointStore.Position reached = from;
    int saved = from.step();
    double loss = Double.NaN;
    try (RotaryCache rotary = new RotaryCache(model.rotary(), model.manager())) {
      while (reached.step() < options.steps() && !stop.getAsBoolean()) {
        StepMetrics metrics = step(reached, saved, rotary);
        loss = metrics.loss();
        reached = new CheckpointStore.Position(metrics.step(), rows.position());
        listeners.onStep(metrics);
        evaluate(reached.step());
        if (options.checkpointEvery() > 0 && reached.step() % options.checkpointEvery() == 0) {
          saved = save(reached);
        }
      }
    }
    boolean completed = reached.step() >= options.steps();
    if (saved != reached.step() && (options.checkpointEvery() > 0 || !completed)) {
      save(reached);
    }
    return new Trainer.Result(
        recipe.output(),
        reached.step(),
        completed,
        loss,
        (System.nanoTime() - start) / 1e9,
        memory.peakBytes(),
        DataReport.NONE);
  }

  private StepMetrics step(CheckpointStore.Position before, int saved, RotaryCache rotary) {
    int number = before.step() + 1;
    long start = System.nanoTime();
    TrainingStep.Gradients gradients = step.gradients(number, rotary, clock);
    if (!gradients.finite()) {
      throw notFinite(before, saved, gradients.loss(), gradients.norm());
    }
    double rate = step.update(number, gradients, clock);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new StepMetrics(
        number,
        gradients.loss(),
        gradients.norm(),
        rate,
        gradients.tokens() / seconds,
        memory.peakBytes());
  }

  /**
   * Keeps the state before the step, which no wrong number has touched, and all older ones: what
   * went wrong may have begun earlier.
   */
  private TrainingFailedException notFinite(
      CheckpointStore.Position before, int saved, double loss, double gradNorm) {
    if (saved != before.step() && before.step() > 0) {
      write(before);
    }
    String kept =
        before.step() == 0
            ? "No step had been taken before."
            : "The state after step %d is kept in %s; remove that folder to go on from an older one."
                .formatted(
                    before.step(), recipe.output().resolve("checkpoints/step-" + before.step()));
    return new TrainingFailedException(
        String.format(
            Locale.ROOT,
            "Step %d: loss %s, gradient norm %s: not finite, the run stops. %s Go on with a lower"
                + " learning rate, a lower training.max-grad-norm, or both:\n"
                + "longlora train %s --resume --set training.learning-rate=%s\n"
                + "Another training.precision needs a new run.",
            before.step() + 1,
            loss,
            gradNorm,
            kept,
            recipe.output().resolve(RunDirectory.RECIPE),
            options.learningRate() / 2));
  }

  private int save(CheckpointStore.Position position) {
    write(position);
    clock.time(CHECKPOINTS, store::prune);
    return position.step();
  }

  private void write(CheckpointStore.Position position) {
    Path directory = clock.time(CHECKPOINTS, () -> store.save(position, state));
    listeners.onCheckpoint(new CheckpointWritten(position.step(), directory));
  }

  private void evaluate(int step) {
    if (recipe.evaluation().isPresent() && step % recipe.evaluation().get().every() == 0) {
      double loss = clock.time(EVALUATION, heldOut::measure);
      listeners.onEvaluation(new Evaluation(step, loss));
    }
  }
}
