package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.OptionalInt;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.GradientTapes;
import org.longlora4j.core.tensor.KernelGradient;
import org.longlora4j.core.tensor.KnownGradient;
import org.longlora4j.core.tensor.TorchServices;

/**
 * What decoders are made of, one kernel to an operation, most with a gradient of their own: they
 * keep less for the backward pass than autograd would, and compute it in fewer passes over memory.
 */
final class LayerOperations implements DecoderOperations {
  /** What a layer is run for. */
  enum Purpose {
    /** Its result. */
    INFERENCE,
    /** Its result, with dropout. */
    TRAINING,
    /** Gradients alone, with dropout: the result's values may be missing. */
    GRADIENTS;

    boolean training() {
      return this != INFERENCE;
    }
  }

  private final KernelCompiler compiler;
  private final GradientTapes tapes;
  private final Kernels kernels;
  private final DecoderWeights weights;
  private final LayerAttention attention;
  private final Purpose purpose;
  private OptionalInt attended = OptionalInt.empty(); // the layer whose attention is done

  /**
   * The operations of a pass.
   *
   * @param services compile what a family brings, and record gradients
   * @param weights of the model
   * @param attention what happens between a layer's projections
   * @param purpose what the pass is for
   */
  LayerOperations(
      TorchServices services, DecoderWeights weights, LayerAttention attention, Purpose purpose) {
    this.compiler = services.compiler();
    this.tapes = services.tapes();
    this.kernels = compiler.compile(CausalLanguageModel.class, "decoder.py");
    this.weights = weights;
    this.attention = attention;
    this.purpose = purpose;
  }

  private KnownGradient gradient(String forward, String backward, Object... constants) {
    return new KernelGradient(kernels, forward, backward, List.of(constants));
  }

  @Override
  public NDArray rmsNorm(NDArray x, String module, double epsilon) {
    attended.ifPresent(attention::turnToMlp);
    NDArray weight = weights.norm(module).weight();
    if (weight.hasGradient()) {
      return tapes.compute(gradient("rms_norm", "rms_norm_backward_trained", epsilon), x, weight);
    }
    return tapes.compute(gradient("rms_norm", "rms_norm_backward", weight, epsilon), x);
  }

  @Override
  public NDArray layerNorm(NDArray x, String module, double epsilon) {
    attended.ifPresent(attention::turnToMlp);
    DecoderWeights.Norm norm = weights.norm(module);
    NDArray bias =
        norm.bias()
            .orElseThrow(() -> new IllegalArgumentException("the norm " + module + " has no bias"));
    return apply(kernels, "layer_norm", x, norm.weight(), bias, epsilon);
  }

  @Override
  public NDArray project(NDArray x, String module) {
    return weights.projection(module).forward(x, purpose.training());
  }

  @Override
  public NDArray output(NDArray residual, NDArray x, String module) {
    Linear projection = weights.projection(module);
    try (NDArray update =
        purpose == Purpose.GRADIENTS
            ? projection.forGradients(x)
            : projection.forward(x, purpose.training())) {
      return add(residual, update);
    }
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    attended = OptionalInt.of(layer);
    return attention.attend(layer, query, key, value);
  }

  @Override
  public NDArray swiglu(NDArray gate, NDArray up) {
    return tapes.compute(gradient("swiglu", "swiglu_backward"), gate, up);
  }

  @Override
  public NDArray gelu(NDArray x) {
    return apply(kernels, "gelu", x);
  }

  @Override
  public NDArray add(NDArray left, NDArray right) {
    return left.add(right);
  }

  @Override
  public NDArray apply(Kernels ofFamily, String method, Object... arguments) {
    if (arguments.length == 0 || !(arguments[0] instanceof NDArray first)) {
      throw new IllegalArgumentException("the first argument of " + method + " is no tensor");
    }
    return ofFamily.call(first.getManager(), method, arguments);
  }

  @Override
  public Kernels compile(Class<?> anchor, String resource) {
    return compiler.compile(anchor, resource);
  }

  @Override
  public NDArray weight(String module) {
    return weights.norm(module).weight();
  }
}
