package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.quantization.QuantizedWeight;

/** Where a linear layer's weight comes from. */
sealed interface StoredWeight {
  /** The weight, shape (outFeatures, inFeatures), valid until the layer's pass ends. */
  NDArray current();

  /** A weight kept as it is used. */
  record Plain(NDArray current) implements StoredWeight {}

  /**
   * A weight read back from its quantized form when it is needed.
   *
   * <p>The layers' weights of one role share a buffer, and only one layer's pass runs at a time:
   * whoever filled the buffer last finds it as it left it, for the backward pass too.
   */
  record Dequantized(QuantizedWeight weight, DequantizationBuffer buffer) implements StoredWeight {
    @Override
    public NDArray current() {
      return buffer.holding(weight);
    }
  }
}
