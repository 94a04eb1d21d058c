package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.LayerAttention;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.train.StepWatch.Stage;

/**
 * Forward and backward of one micro-batch. Gradients add up in the model's trained parameters.
 *
 * <p>The logits of a whole sequence are never held: the loss and its gradient are computed for some
 * positions at a time. With recomputation the input of every layer is kept and nothing else; the
 * backward pass runs each layer again, so that one layer's activations exist at a time (gradient
 * checkpointing, arXiv:1604.06174). Either way the gradients are the same.
 */
public final class GradientPass {
  private final CausalLanguageModel model;
  private final boolean recompute;
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
   * @param recompute whether layers are run again in the backward pass
   * @param seeds called before each run of a layer
   */
  public GradientPass(CausalLanguageModel model, boolean recompute, LayerSeeds seeds) {
    this(model, recompute, seeds, StepWatch.NONE);
  }

  /** The same, watched: what lies between the stages is left to {@link Stage#JVM}. */
  GradientPass(CausalLanguageModel model, boolean recompute, LayerSeeds seeds, StepWatch watch) {
    this.model = model;
    this.recompute = recompute;
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
            return recompute
                ? recomputing(batch, tokens, attention, counted)
                : keeping(batch, tokens, attention, counted);
          } finally {
            watch.enter(Stage.JVM);
          }
        });
  }

  private double keeping(MicroBatch batch, NDArray tokens, LayerAttention attention, long counted) {
    try (GradientTape tape = model.tape(tokens.getManager())) {
      NDArray output = tape.record(() -> forward(tokens, attention));
      ChunkedLoss.Result loss = loss(batch, output, counted);
      if (lowestTrained < model.layers()) {
        watch.enter(Stage.BACKWARD);
        tape.backward(output, loss.gradient());
      }
      return loss.value();
    }
  }

  private NDArray forward(NDArray tokens, LayerAttention attention) {
    NDArray hidden = embed(tokens);
    for (int i = 0; i < model.layers(); i++) {
      NDArray next = firstPass(i, hidden, attention);
      hidden.close();
      hidden = next;
    }
    return hidden;
  }

  private NDArray embed(NDArray tokens) {
    watch.enter(Stage.EMBEDDING);
    return model.embed(tokens);
  }

  private NDArray firstPass(int index, NDArray hidden, LayerAttention attention) {
    watch.enter(Stage.PROJECTIONS);
    seeds.seed(index);
    return model.layer(index, hidden, new WatchedAttention(attention, watch), true);
  }

  private double recomputing(
      MicroBatch batch, NDArray tokens, LayerAttention attention, long counted) {
    List<NDArray> inputs = new ArrayList<>(); // of layers that gradients reach
    NDArray hidden = embed(tokens);
    for (int i = 0; i < model.layers(); i++) {
      NDArray next = firstPass(i, hidden, attention);
      if (i < lowestTrained) {
        hidden.close();
      } else {
        inputs.add(hidden);
      }
      hidden = next;
    }
    ChunkedLoss.Result loss = loss(batch, hidden, counted);
    hidden.close();
    NDArray gradient = loss.gradient();
    for (int i = model.layers() - 1; !inputs.isEmpty(); i--) {
      gradient = throughLayer(i, inputs.remove(inputs.size() - 1), attention, gradient);
    }
    if (lowestTrained < 0) {
      watch.enter(Stage.BACKWARD);
      Autograd.backward(Autograd.recording(() -> model.embed(tokens)), gradient);
    }
    return loss.value();
  }

  /** Runs a layer again and turns the gradient of its output into that of its input. */
  private NDArray throughLayer(
      int index, NDArray input, LayerAttention attention, NDArray gradient) {
    NDManager pass = input.getManager();
    try (NDManager scope = pass.newSubManager();
        GradientTape tape = model.tape(scope);
        gradient) {
      watch.enter(Stage.RECOMPUTATION);
      input.attach(scope);
      boolean wanted = index > lowestTrained;
      if (wanted) {
        tape.watch(input);
      }
      seeds.seed(index);
      NDArray output = tape.record(() -> model.layer(index, input, attention, true));
      watch.enter(Stage.BACKWARD);
      tape.backward(output, gradient);
      return wanted ? tape.gradient(input, pass) : pass.create(0f);
    }
  }

  private ChunkedLoss.Result loss(MicroBatch batch, NDArray output, long counted) {
    watch.enter(Stage.LOSS);
    return new ChunkedLoss(model).withGradient(output, batch.labels(), 1.0 / counted);
  }
}
