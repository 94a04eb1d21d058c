package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.GradientTapes;
import org.longlora4j.core.tensor.KernelGradient;
import org.longlora4j.core.tensor.KnownGradient;

/**
 * A linear layer: frozen, trained whole, or frozen and wrapped by an adapter.
 *
 * <p>Holds no tensor of its own: the model does.
 */
final class Linear implements FrozenProjection {
  private final Kernels kernels;
  private final GradientTapes tapes;
  private final StoredWeight weight;
  private final Optional<NDArray> bias;
  private final Optional<Wrapping> wrapping;

  private Linear(
      Kernels kernels,
      GradientTapes tapes,
      StoredWeight weight,
      Optional<NDArray> bias,
      Optional<Wrapping> wrapping) {
    this.kernels = kernels;
    this.tapes = tapes;
    this.weight = weight;
    this.bias = bias;
    this.wrapping = wrapping;
  }

  /** A layer without an adapter. */
  static Linear plain(
      Kernels kernels, GradientTapes tapes, StoredWeight weight, Optional<NDArray> bias) {
    return new Linear(kernels, tapes, weight, bias, Optional.empty());
  }

  /** The same layer inside an adapter. */
  Linear wrapped(ProjectionAdapter adapter, Map<String, NDArray> parameters) {
    return new Linear(kernels, tapes, weight, bias, Optional.of(new Wrapping(adapter, parameters)));
  }

  /** The layer as the model uses it: (…, inFeatures) to (…, outFeatures). */
  NDArray forward(NDArray input, boolean training) {
    return wrapping.map(w -> w.apply(input, this, training)).orElseGet(() -> apply(input));
  }

  /**
   * The same for the gradient of the input alone: the result's values are missing where they cannot
   * matter to it.
   */
  NDArray forGradients(NDArray input) {
    if (wrapping.isPresent() || trains()) {
      return forward(input, true);
    }
    return tapes.compute(gradient("linear_shape", "linear_backward", weight.current()), input);
  }

  private boolean trains() {
    return weight.current().hasGradient() || bias.map(NDArray::hasGradient).orElse(false);
  }

  @Override
  public NDArray apply(NDArray input) {
    NDArray current = weight.current();
    if (trains()) {
      return bias.map(b -> kernels.call(input.getManager(), "linear_bias", input, current, b))
          .orElseGet(() -> kernels.call(input.getManager(), "linear", input, current));
    }
    return tapes.compute(
        bias.map(b -> gradient("linear_bias", "linear_bias_backward", current, b))
            .orElseGet(() -> gradient("linear", "linear_backward", current)),
        input);
  }

  private KnownGradient gradient(String forward, String backward, Object... constants) {
    return new KernelGradient(kernels, forward, backward, List.of(constants));
  }

  @Override
  public NDArray weight() {
    return weight.current();
  }

  @Override
  public Optional<NDArray> bias() {
    return bias;
  }

  private record Wrapping(ProjectionAdapter adapter, Map<String, NDArray> parameters) {
    NDArray apply(NDArray input, Linear frozen, boolean training) {
      return adapter.apply(input, frozen, parameters, training);
    }
  }
}
