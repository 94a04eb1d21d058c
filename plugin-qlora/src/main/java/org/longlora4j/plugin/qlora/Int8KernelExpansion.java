package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;

/** Expands eight bits on any device, in PyTorch operations. */
final class Int8KernelExpansion implements Expansion<Int8Weight> {
  private final Kernels kernels;

  Int8KernelExpansion(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void expand(Int8Weight weight, NDArray target, Precision precision) {
    try (NDManager scope = weight.codes().getManager().newSubManager()) {
      // The kernel returns the target itself, under a second handle that the scope closes.
      kernels.call(scope, "expand_rows", target, weight.codes(), weight.scales());
    }
  }
}
