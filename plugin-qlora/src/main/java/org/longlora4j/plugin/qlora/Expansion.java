package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.tensor.Precision;

/** Writes a weight's elements from its codes and scales, on one kind of device. */
@FunctionalInterface
interface Expansion {
  /**
   * Overwrites {@code target}.
   *
   * @param weight the stored form
   * @param target contiguous, of the weight's shape
   * @param precision the number format of {@code target}
   */
  void expand(Nf4Weight weight, NDArray target, Precision precision);
}
