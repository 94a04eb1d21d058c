package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.tensor.Kernels;

/**
 * A linear layer: frozen, trained whole, or frozen and wrapped by an adapter.
 *
 * <p>Holds no tensor of its own: the model does.
 */
final class Linear implements FrozenProjection {
  private final Kernels kernels;
  private final StoredWeight weight;
  private final Optional<NDArray> bias;
  private final Optional<Wrapping> wrapping;

  private Linear(
      Kernels kernels, StoredWeight weight, Optional<NDArray> bias, Optional<Wrapping> wrapping) {
    this.kernels = kernels;
    this.weight = weight;
    this.bias = bias;
    this.wrapping = wrapping;
  }

  /** A layer without an adapter. */
  static Linear plain(Kernels kernels, StoredWeight weight, Optional<NDArray> bias) {
    return new Linear(kernels, weight, bias, Optional.empty());
  }

  /** The same layer inside an adapter. */
  Linear wrapped(ProjectionAdapter adapter, Map<String, NDArray> parameters) {
    return new Linear(kernels, weight, bias, Optional.of(new Wrapping(adapter, parameters)));
  }

  /** The layer as the model uses it: (…, inFeatures) to (…, outFeatures). */
  NDArray forward(NDArray input, boolean training) {
    return wrapping.map(w -> w.apply(input, this, training)).orElseGet(() -> apply(input));
  }

  @Override
  public NDArray apply(NDArray input) {
    NDArray current = weight.current();
    return bias.map(b -> kernels.call(input.getManager(), "linear_bias", input, current, b))
        .orElseGet(() -> kernels.call(input.getManager(), "linear", input, current));
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
