package org.longlora4j.kit;

import static org.longlora4j.kit.KitKernels.KERNELS;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.longlora4j.api.adapter.FrozenProjection;

/** A frozen projection in the number format of its weight. */
record KitProjection(NDArray weight, Optional<NDArray> bias) implements FrozenProjection {
  @Override
  public NDArray apply(NDArray input) {
    NDManager owner = input.getManager();
    return bias.map(added -> KERNELS.linearWithBias(owner, input, weight, added))
        .orElseGet(() -> KERNELS.linear(owner, input, weight));
  }

  /** The same projection in bfloat16. */
  KitProjection inBfloat16(NDManager owner) {
    return new KitProjection(
        KERNELS.asBfloat16(owner, weight), bias.map(added -> KERNELS.asBfloat16(owner, added)));
  }
}
