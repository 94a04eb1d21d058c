package org.longlora4j.api.quantization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.tensor.Precision;
import org.osgi.annotation.versioning.ConsumerType;

/** A weight in its stored form. Its tensors belong to the manager it was quantized into. */
@ConsumerType
public interface QuantizedWeight {
  /** The shape of the weight. */
  Shape shape();

  /**
   * Reads the weight back into a buffer that is used again and again.
   *
   * @param target a contiguous tensor of {@link #shape()}, overwritten
   * @param precision the number format of {@code target}, which DJL cannot tell for bfloat16
   */
  void dequantize(NDArray target, Precision precision);
}
