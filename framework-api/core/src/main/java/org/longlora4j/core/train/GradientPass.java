package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.model.LayerAttention;
import org.longlora4j.core.model.Purpose;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.train.StepWatch.Stage;

/**
 * Forward and backward of one micro-batch. Gradients add up in the model's trained parameters.
 *
 * <p>The logits of a whole sequence are never held: the loss and its gradient are computed for some
 * positions at a time. With recomputation the input of every layer is kept, and nothing else, what
 * attention gave, or all but what lies in the MLP; the backward pass runs the rest of each layer
 * again, so that one layer's activations exist at a time (gradient checkpointing,
 * arXiv:1604.06174). Either way the gradients are the same, but for what dropout draws in MLPs of
 * more positions than go through one at once.
 */
public final class GradientPass {
  private final CausalLanguageModel model;
  private final Kept kept;
  private final LayerSeeds seeds;
  private final StepWatch watch;
  private final int lowestTrained;

  /** Seeds the generator that dropout draws from, the same for every pass over a layer. */
  @FunctionalInterface
  public interface LayerSeeds {
    /** Called before a layer is run, for the first time or again. */
    void seed(int layer);
  }

  /**
   * Prepares passes over a model.
   *
   * @param model loaded for training
   * @param kept what layers keep until the backward pass
   * @param seeds called before each run of a layer
   */
  public GradientPass(CausalLanguageModel model, Kept kept, LayerSeeds seeds) {
    this(model, kept, seeds, StepWatch.NONE);
  }

  /** The same, watched: what lies between the stages is left to {@link Stage#JVM}. */
  GradientPass(CausalLanguageModel model, Kept kept, LayerSeeds seeds, StepWatch watch) {
    this.model = model;
    this.kept = kept;
    this.seeds = seeds;
    this.watch = watch;
    this.lowestTrained = lowestTrained(model);
  }

  /** The first layer into which gradients must reach; -1 if they must reach the embeddings. */
  private static int lowestTrained(CausalLanguageModel model) {
    DecoderNames names = model.config().names();
    if (model.trained().anyWithin(names.embeddings())) {
      return -1;
    }
    int layer = 0;
    while (layer < model.layers() && !model.trained().anyWithin(names.layer(layer))) {
      layer++;
    }
    return layer;
  }

  /**
   * Runs one micro-batch.
   *
   * @param batch the rows
   * @param attention prepared for them
   * @param counted the positions counted in the whole step, over all its micro-batches: the loss is
   *     their mean
   * @return this micro-batch's share of that mean, in nats
   */
  public double run(MicroBatch batch, LayerAttention attention, long counted) {
    return Autograd.silent(
        () -> {
          try (NDManager scope = model.manager().newSubManager()) {
            NDArray tokens = model.tokens(scope, batch.tokens());
            return run(batch, tokens, attention, counted);
          } finally {
            watch.enter(Stage.JVM);
          }
        });
  }

  private double run(MicroBatch batch, NDArray tokens, LayerAttention attention, long counted) {
    Deque<RecordedLayer> layers = new ArrayDeque<>(); // that gradients reach, the lowest first
    watch.enter(Stage.EMBEDDING);
    NDArray hidden = model.embed(tokens);
    for (int i = 0; i < model.layers(); i++) {
      watch.enter(Stage.PROJECTIONS);
      LayerAttention watched = new WatchedAttention(attention, watch, false);
      if (i < lowestTrained) {
        seeds.seed(i);
        NDArray next = model.layer(i, hidden, watched, Purpose.TRAINING);
        hidden.close();
        hidden = next;
      } else {
        RecordedLayer layer = new RecordedLayer(i, hidden);
        layers.add(layer);
        hidden =
            switch (kept) {
              case ACTIVATIONS -> layer.record(watched, Purpose.TRAINING_ONCE);
              case ALL_BUT_MLP -> layer.record(watched, Purpose.TRAINING);
              case ATTENTION, INPUT -> layer.look(watched);
            };
      }
    }
    watch.enter(Stage.LOSS);
    ChunkedLoss.Result loss =
        new ChunkedLoss(model).withGradient(hidden, batch.labels(), 1.0 / counted);
    hidden.close();
    NDArray gradient = loss.gradient();
    while (!layers.isEmpty()) {
      gradient = layers.removeLast().backward(attention, gradient);
    }
    if (lowestTrained < 0) {
      watch.enter(Stage.BACKWARD);
      Autograd.backward(Autograd.recording(() -> model.embed(tokens)), gradient);
    }
    return loss.value();
  }

  /** A layer's way from its input to the gradient of it. */
  private final class RecordedLayer {
    private final int index;
    private final NDManager scope; // owns the input and what is recorded
    private final NDManager pass;
    private final NDArray input;
    private final GradientTape tape;
    private Optional<NDArray> output = Optional.empty();

    RecordedLayer(int index, NDArray input) {
      this.index = index;
      this.input = input;
      pass = input.getManager();
      scope = pass.newSubManager();
      input.attach(scope);
      tape = model.tape(scope);
    }

    /** Computes the layer and keeps its input and nothing else, or what attention gave. */
    NDArray look(LayerAttention attention) {
      seeds.seed(index);
      Supplier<NDArray> layer = () -> model.layer(index, input, attention, Purpose.TRAINING);
      NDArray result = kept == Kept.ATTENTION ? tape.look(layer) : layer.get();
      result.attach(pass);
      return result;
    }

    /** Computes the layer and keeps what the backward pass needs. */
    NDArray record(LayerAttention attention, Purpose purpose) {
      NDArray recorded = record(() -> model.layer(index, input, attention, purpose));
      NDArray result = recorded.stopGradient();
      result.attach(pass);
      return result;
    }

    private NDArray record(Supplier<NDArray> layer) {
      if (isInputWanted()) {
        tape.watch(input);
      }
      seeds.seed(index);
      NDArray recorded = tape.record(layer);
      output = Optional.of(recorded);
      return recorded;
    }

    private boolean isInputWanted() {
      return index > lowestTrained;
    }

    /** Turns the gradient of the output into that of the input, and closes both with the rest. */
    NDArray backward(LayerAttention attention, NDArray gradient) {
      try (scope;
          gradient) {
        if (output.isEmpty()) {
          watch.enter(Stage.RECOMPUTATION);
          LayerAttention watched = new WatchedAttention(attention, watch, true);
          record(() -> model.layer(index, input, watched, Purpose.GRADIENTS));
        }
        watch.enter(Stage.BACKWARD);
        tape.backward(output.orElseThrow(), gradient);
        return isInputWanted() ? tape.gradient(input, pass) : pass.create(0f);
      }
    }
  }
}
