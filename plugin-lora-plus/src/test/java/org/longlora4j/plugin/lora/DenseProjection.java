package org.longlora4j.plugin.lora;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.tensor.Kernels;

/** A frozen projection without bias, in the number format of its weight. */
record DenseProjection(NDArray weight, Kernels kernels) implements FrozenProjection {
  @Override
  public NDArray apply(NDArray input) {
    return kernels.call(input.getManager(), "linear", input, weight);
  }

  @Override
  public Optional<NDArray> bias() {
    return Optional.empty();
  }
}
