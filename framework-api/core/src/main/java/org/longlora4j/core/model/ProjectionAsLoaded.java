package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import java.util.function.Function;
import org.longlora4j.api.adapter.FrozenProjection;

/**
 * A frozen projection while its checkpoint is still open.
 *
 * @param frozen the projection
 * @param source reads the weight from the checkpoint, if it is stored quantized
 */
record ProjectionAsLoaded(FrozenProjection frozen, Function<NDManager, Optional<NDArray>> source)
    implements FrozenProjection {
  @Override
  public NDArray apply(NDArray input) {
    return frozen.apply(input);
  }

  @Override
  public NDArray weight() {
    return frozen.weight();
  }

  @Override
  public Optional<NDArray> original(NDManager owner) {
    return source.apply(owner);
  }

  @Override
  public Optional<NDArray> bias() {
    return frozen.bias();
  }
}
