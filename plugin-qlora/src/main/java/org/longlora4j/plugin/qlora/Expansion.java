package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.tensor.Precision;

/**
 * Writes a weight's elements from its codes and scales, on one kind of device.
 *
 * @param <W> the stored form
 */
@FunctionalInterface
interface Expansion<W> {
  /**
   * Overwrites {@code target}.
   *
   * @param weight the stored form
   * @param target contiguous, of the weight's shape
   * @param precision the number format of {@code target}
   */
  void expand(W weight, NDArray target, Precision precision);

  /**
   * Refuses a target that does not fit.
   *
   * @throws IllegalArgumentException if it has another shape
   */
  static void requireShape(NDArray target, Shape shape) {
    if (!target.getShape().equals(shape)) {
      throw new IllegalArgumentException(
          "the target's shape is %s, the weight's is %s".formatted(target.getShape(), shape));
    }
  }
}
