package org.longlora4j.core.train;

import static org.longlora4j.core.train.PhaseClock.Phase.CHECKPOINTS;
import static org.longlora4j.core.train.PhaseClock.Phase.DATA;
import static org.longlora4j.core.train.PhaseClock.Phase.EVALUATION;
import static org.longlora4j.core.train.PhaseClock.Phase.FORWARD_AND_BACKWARD;
import static org.longlora4j.core.train.PhaseClock.Phase.OPTIMIZER;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.LayerAttention;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions;
import org.longlora4j.core.tensor.TorchServices;

/**
 * The steps of a run. Each reads its rows, adds up the gradients of its micro-batches, clips them
 * by their global norm and updates the parameters.
 */
final class TrainingLoop {
  private final Recipe recipe;
  private final TrainingOptions options;
  private final PreparedRun run;
  private final CausalLanguageModel model;
  private final TrainingState state;
  private final ShuffledRows rows;
  private final HeldOutLoss heldOut;
  private final CheckpointStore store;
  private final Listeners listeners;
  private final RunChoices choices;
  private final TorchServices services;
  private final GradientNorm norm;
  private final LearningRate learningRate;
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
    this.run = run;
    this.recipe = run.recipe();
    this.options = recipe.training();
    this.model = model;
    this.state = state;
    this.rows = rows;
    this.heldOut = new HeldOutLoss(model, services, run.data().heldOut());
    this.store = store;
    this.listeners = listeners;
    this.choices = choices;
    this.clock = clock;
    this.services = services;
    this.norm = new GradientNorm(services.compiler());
    this.learningRate = new LearningRate(options);
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

  private LayerAttention attention(RotaryCache rotary, MicroBatch batch) {
    return new PatternAttention(
        services,
        model.config(),
        rotary,
        run.parts().attention(),
        recipe.context(),
        batch.length(),
        batch.documents());
  }

  private StepMetrics step(CheckpointStore.Position before, int saved, RotaryCache rotary) {
    int step = before.step() + 1;
    long start = System.nanoTime();
    List<MicroBatch> batches = clock.time(DATA, this::nextBatches);
    double loss = accumulate(step, rotary, batches);
    double gradNorm = clock.time(OPTIMIZER, () -> norm.of(state.parameters().values()));
    if (!Double.isFinite(loss) || !Double.isFinite(gradNorm)) {
      throw notFinite(before, saved, loss, gradNorm);
    }
    double rate = learningRate.at(step);
    double scale = GradientNorm.clipScale(gradNorm, options.maxGradNorm());
    Optimizer.Update update = new Optimizer.Update(step, rate, scale);
    PreparedRun.Parts parts = run.parts();
    clock.time(
        OPTIMIZER,
        () -> state.update(parts.optimizer(), update, parts.plan().learningRateFactors()));
    double seconds = (System.nanoTime() - start) / 1e9;
    double tokens = batches.stream().mapToLong(MicroBatch::real).sum();
    return new StepMetrics(step, loss, gradNorm, rate, tokens / seconds, memory.peakBytes());
  }

  /** Adds up the gradients of the step's micro-batches and gives its mean loss. */
  private double accumulate(int step, RotaryCache rotary, List<MicroBatch> batches) {
    long counted = batches.stream().mapToLong(MicroBatch::counted).sum();
    double loss = 0;
    for (int i = 0; i < batches.size(); i++) {
      MicroBatch batch = batches.get(i);
      LayerAttention attention = attention(rotary, batch);
      GradientPass pass = new GradientPass(model, choices.recompute(), seeds(step, i));
      loss += clock.time(FORWARD_AND_BACKWARD, () -> pass.run(batch, attention, counted));
    }
    return loss;
  }

  private List<MicroBatch> nextBatches() {
    List<MicroBatch> batches = new ArrayList<>();
    for (int i = 0; i < options.accumulate(); i++) {
      batches.add(MicroBatch.of(Stream.generate(rows::next).limit(options.batchSize()).toList()));
    }
    return batches;
  }

  /**
   * What an adapter's dropout or a random attention pattern draws depends on recipe, step,
   * micro-batch and layer, and on nothing before.
   */
  private GradientPass.LayerSeeds seeds(int step, int microBatch) {
    return layer -> {
      long seed = options.seed();
      for (int part : new int[] {step, microBatch, layer}) {
        seed = seed * 0x9E3779B97F4A7C15L + part;
      }
      services.engine().seed(seed);
    };
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
