package org.longlora4j.core.train;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.LayerAttention;
import org.longlora4j.core.model.PatternAttention;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.recipe.TrainingOptions;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.core.train.StepWatch.Stage;

/**
 * What one optimizer step does: it reads its rows, adds up the gradients of its micro-batches, and
 * updates the parameters by them, clipped by their global norm.
 */
final class TrainingStep {
  private final PreparedRun run;
  private final TrainingOptions options;
  private final CausalLanguageModel model;
  private final TrainingState state;
  private final ShuffledRows rows;
  private final Kept kept;
  private final TorchServices services;
  private final GradientNorm norm;
  private final LearningRate learningRate;

  /**
   * Gradients that wait in the parameters.
   *
   * @param loss the mean over all positions that count, in nats
   * @param norm the global norm, before clipping
   * @param tokens that were gone through, without padding
   */
  record Gradients(double loss, double norm, long tokens) {
    boolean finite() {
      return Double.isFinite(loss) && Double.isFinite(norm);
    }
  }

  TrainingStep(
      PreparedRun run,
      CausalLanguageModel model,
      TrainingState state,
      ShuffledRows rows,
      Kept kept,
      TorchServices services) {
    this.run = run;
    this.options = run.recipe().training();
    this.model = model;
    this.state = state;
    this.rows = rows;
    this.kept = kept;
    this.services = services;
    this.norm = new GradientNorm(services.compiler());
    this.learningRate = new LearningRate(options);
  }

  /**
   * The first half.
   *
   * @param step counted from 1
   * @param rotary the caller's, over all steps
   * @param watch told what is at work
   */
  Gradients gradients(int step, RotaryCache rotary, StepWatch watch) {
    watch.enter(Stage.DATA);
    List<MicroBatch> batches = nextBatches();
    watch.enter(Stage.JVM);
    long counted = batches.stream().mapToLong(MicroBatch::counted).sum();
    double loss = 0;
    for (int i = 0; i < batches.size(); i++) {
      MicroBatch batch = batches.get(i);
      GradientPass pass = new GradientPass(model, kept, seeds(step, i), watch);
      loss += pass.run(batch, attention(rotary, batch), counted);
    }
    watch.enter(Stage.OPTIMIZER);
    double gradNorm = norm.of(state.parameters().values());
    watch.enter(Stage.JVM);
    return new Gradients(loss, gradNorm, batches.stream().mapToLong(MicroBatch::real).sum());
  }

  /**
   * The second half, which clears the gradients.
   *
   * @param step counted from 1
   * @param gradients of the first half
   * @param watch told what is at work
   * @return the learning rate
   */
  double update(int step, Gradients gradients, StepWatch watch) {
    watch.enter(Stage.OPTIMIZER);
    double rate = learningRate.at(step);
    double scale = GradientNorm.clipScale(gradients.norm(), options.maxGradNorm());
    PreparedRun.Parts parts = run.parts();
    state.update(
        parts.optimizer(),
        new Optimizer.Update(step, rate, scale),
        parts.plan().learningRateFactors());
    watch.enter(Stage.JVM);
    return rate;
  }

  private List<MicroBatch> nextBatches() {
    List<MicroBatch> batches = new ArrayList<>();
    for (int i = 0; i < options.accumulate(); i++) {
      batches.add(MicroBatch.of(Stream.generate(rows::next).limit(options.batchSize()).toList()));
    }
    return batches;
  }

  private LayerAttention attention(RotaryCache rotary, MicroBatch batch) {
    return new PatternAttention(
        services,
        model.config(),
        rotary,
        run.parts().attention(),
        run.recipe().context(),
        batch.length(),
        batch.documents());
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
}
