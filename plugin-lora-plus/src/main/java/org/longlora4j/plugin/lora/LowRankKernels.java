package org.longlora4j.plugin.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.inject.Inject;
import org.longlora4j.api.tensor.CustomGradients;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/** What the adapters compute, compiled once a session. */
final class LowRankKernels {
  private final Kernels kernels;
  private final CustomGradients gradients;

  @Inject
  LowRankKernels(KernelCompiler compiler, CustomGradients gradients) {
    this.kernels = compiler.compile(LowRankKernels.class, "lora.py");
    this.gradients = gradients;
  }

  /** Calls an entry point of lora.py, which autograd differentiates. */
  NDArray call(NDManager owner, String method, Object... arguments) {
    return kernels.call(owner, method, arguments);
  }

  /** Calls one that gives several tensors. */
  NDList callAll(NDManager owner, String method, Object... arguments) {
    return kernels.callAll(owner, method, arguments);
  }

  /**
   * Adds a low-rank product's share, {@code scaling · B A dropout(x)}. Of what it needs for the
   * gradients it keeps {@code x}, which others keep too, and one byte for each element of it that
   * dropout may drop.
   *
   * @param frozen (…, outFeatures), spent: the result lies in its memory
   * @param x (…, inFeatures)
   * @param a (rank, inFeatures)
   * @param b (outFeatures, rank)
   * @return (…, outFeatures), attached to {@code frozen}'s manager
   */
  NDArray add(LowRank product, NDArray frozen, NDArray x, NDArray a, NDArray b, boolean training) {
    double dropout = product.dropout(training);
    if (dropout == 0) {
      return gradients.call(
          kernels, "add_low_rank", "add_low_rank_backward", frozen, x, a, b, product.scaling());
    }
    try (NDArray mask = kernels.call(x.getManager(), "mask", x, dropout)) {
      return gradients.call(
          kernels,
          "add_dropped",
          "add_dropped_backward",
          frozen,
          x,
          a,
          b,
          mask,
          product.scaling(),
          dropout);
    }
  }
}
