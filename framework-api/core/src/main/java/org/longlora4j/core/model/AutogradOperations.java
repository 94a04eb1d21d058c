package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.model.DecoderOperations;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/**
 * What decoders are made of, one kernel to an operation. In a recorded pass autograd keeps what the
 * backward pass needs.
 */
final class AutogradOperations implements DecoderOperations {
  private final KernelCompiler compiler;
  private final Kernels kernels;
  private final DecoderWeights weights;
  private final LayerAttention attention;
  private final boolean training;

  /**
   * The operations of a pass.
   *
   * @param compiler compiles what a family brings
   * @param weights of the model
   * @param attention what happens between a layer's projections
   * @param training whether dropout applies
   */
  AutogradOperations(
      KernelCompiler compiler, DecoderWeights weights, LayerAttention attention, boolean training) {
    this.compiler = compiler;
    this.kernels = compiler.compile(CausalLanguageModel.class, "decoder.py");
    this.weights = weights;
    this.attention = attention;
    this.training = training;
  }

  @Override
  public NDArray rmsNorm(NDArray x, String module, double epsilon) {
    return apply(kernels, "rms_norm", x, weights.norm(module).weight(), epsilon);
  }

  @Override
  public NDArray layerNorm(NDArray x, String module, double epsilon) {
    DecoderWeights.Norm norm = weights.norm(module);
    NDArray bias =
        norm.bias()
            .orElseThrow(() -> new IllegalArgumentException("the norm " + module + " has no bias"));
    return apply(kernels, "layer_norm", x, norm.weight(), bias, epsilon);
  }

  @Override
  public NDArray project(NDArray x, String module) {
    return weights.projection(module).forward(x, training);
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    return attention.attend(layer, query, key, value);
  }

  @Override
  public NDArray swiglu(NDArray gate, NDArray up) {
    return apply(kernels, "swiglu", gate, up);
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
