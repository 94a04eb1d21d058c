package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** A function of tensors whose gradient is written by hand. */
public interface KnownGradient {
  /**
   * Computes the function. Nothing is recorded meanwhile.
   *
   * @param inputs the arguments
   * @return a new tensor, attached to the first input's manager, which may lie in the memory of an
   *     input that nothing else needs
   */
  NDArray forward(NDList inputs);

  /**
   * Computes the product of a gradient with the Jacobian.
   *
   * @param inputs the arguments
   * @param gradient of the result's shape and number format
   * @return the gradients of the first inputs, in order, up to the last that has one: tensors of
   *     their own, attached to {@code gradient}'s manager, of which one may be {@code gradient}'s
   *     memory
   */
  NDList backward(NDList inputs, NDArray gradient);

  /** Whether a pass that runs twice should rather keep the result than compute it again. */
  default boolean isWorthKeeping() {
    return false;
  }

  /** Computes the function so that autograd records it, where no tape is recording. */
  default NDArray recorded(NDList inputs) {
    return forward(inputs);
  }
}
