package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.Precision;

/** Memory into which the quantized weights of one role are read back, one layer after another. */
final class DequantizationBuffer {
  private final NDArray memory;
  private final Precision precision;
  private QuantizedWeight held;

  /** Takes memory that the model owns, of the shape of every weight of the role. */
  DequantizationBuffer(NDArray memory, Precision precision) {
    this.memory = memory;
    this.precision = precision;
  }

  /** The memory with that weight in it. */
  NDArray holding(QuantizedWeight weight) {
    if (held != weight) {
      weight.dequantize(memory, precision);
      held = weight;
    }
    return memory;
  }
}
