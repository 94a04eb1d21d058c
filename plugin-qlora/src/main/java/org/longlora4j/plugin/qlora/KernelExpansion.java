package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;

/** Expands four bits on any device, in PyTorch operations. */
final class KernelExpansion implements Expansion<FourBitWeight> {
  private final Kernels kernels;

  KernelExpansion(Kernels kernels) {
    this.kernels = kernels;
  }

  /** The two levels that each byte stands for: shape (256, 2). */
  private static float[] pairs(float[] levels) {
    float[] pairs = new float[2 * 256];
    for (int pair = 0; pair < 256; pair++) {
      pairs[2 * pair] = levels[pair >>> 4];
      pairs[2 * pair + 1] = levels[pair & 15];
    }
    return pairs;
  }

  @Override
  public void expand(FourBitWeight weight, NDArray target, Precision precision) {
    try (NDManager scope = weight.packed().getManager().newSubManager()) {
      NDArray scales = weight.scales().tensor(kernels, scope);
      NDArray table = scope.create(pairs(weight.codebook().levels()), new Shape(256, 2));
      // The kernel returns the target itself, under a second handle that the scope closes.
      kernels.call(scope, "expand", target, weight.packed(), scales, table, weight.blockSize());
    }
  }
}
