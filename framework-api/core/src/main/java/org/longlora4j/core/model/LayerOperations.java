package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.model.DecoderOperations;
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
  static final LayerAttention NO_ATTENTION =
      (layer, query, key, value) -> {
        throw new IllegalArgumentException(
            "attention is where it cannot be: behind the last layer, or in an MLP");
      };

  private final TorchServices services;
  private final GradientTapes tapes;
  private final Kernels kernels;
  private final DecoderWeights weights;
  private final LayerAttention attention;
  private final Purpose purpose;

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
    this.services = services;
    this.tapes = services.tapes();
    this.kernels = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    this.weights = weights;
    this.attention = attention;
    this.purpose = purpose;
  }

  private KnownGradient gradient(String forward, String backward, Object... constants) {
    return new KernelGradient(kernels, forward, backward, List.of(constants));
  }

  @Override
  public NDArray rmsNorm(NDArray x, String module, double epsilon) {
    NDArray weight = weights.norm(module).weight();
    if (weight.hasGradient()) {
      return tapes.compute(gradient("rms_norm", "rms_norm_backward_trained", epsilon), x, weight);
    }
    return tapes.compute(gradient("rms_norm", "rms_norm_backward", weight, epsilon), x);
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
    return weights.projection(module).forward(x, purpose.training());
  }

  @Override
  public NDArray projectLast(NDArray x, String module) {
    return purpose == Purpose.GRADIENTS
        ? weights.projection(module).forGradients(x)
        : project(x, module);
  }

  @Override
  public NDArray mlp(NDArray residual, NDArray x, Block block) {
    attention.turnToMlp();
    Runnable draws = draws(x.getManager());
    if (purpose == Purpose.TRAINING_ONCE) {
      draws.run();
      return pass(purpose, block).run(new NDList(residual, x));
    }
    Optional<PiecewiseMlp.Pass> first =
        purpose == Purpose.GRADIENTS ? Optional.empty() : Optional.of(pass(purpose, block));
    PiecewiseMlp mlp =
        new PiecewiseMlp(
            kernels,
            tapes,
            new PiecewiseMlp.Passes(first, pass(Purpose.GRADIENTS, block), draws, attention));
    NDArray from = tapes.reached(x); // if nothing before it trains, something in the MLP may
    return residual == x ? tapes.compute(mlp, from) : tapes.compute(mlp, residual, from);
  }

  /** What a block makes of a residual and of its input, which may be one. */
  private PiecewiseMlp.Pass pass(Purpose purpose, Block block) {
    LayerOperations operations = new LayerOperations(services, weights, NO_ATTENTION, purpose);
    return inputs -> {
      try (NDArray update = block.apply(inputs.get(inputs.size() - 1), operations)) {
        return operations.add(inputs.head(), update);
      }
    };
  }

  /** Has dropout draw the same at every call, and what the layer's own seed says. */
  private Runnable draws(NDManager scope) {
    if (!purpose.training()) {
      return () -> {};
    }
    try (NDArray drawn = kernels.call(scope, "draw")) {
      long seed = drawn.getLong();
      return () -> services.engine().seed(seed);
    }
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
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
    return services.compiler().compile(anchor, resource);
  }

  @Override
  public NDArray weight(String module) {
    return weights.norm(module).weight();
  }
}
