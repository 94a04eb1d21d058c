package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.Precision;

/**
 * A weight in eight bits an element, a row's codes being 127ths of its largest magnitude.
 *
 * @param codes int8, shape (outFeatures, inFeatures)
 * @param scales float32, shape (outFeatures): the largest magnitudes
 * @param expansion for the device that holds the tensors
 */
record Int8Weight(NDArray codes, NDArray scales, Expansion<Int8Weight> expansion)
    implements QuantizedWeight {
  /** The code of a row's largest magnitude. */
  static final int LARGEST = 127;

  @Override
  public Shape shape() {
    return codes.getShape();
  }

  @Override
  public void dequantize(NDArray target, Precision precision) {
    Expansion.requireShape(target, shape());
    expansion.expand(this, target, precision);
  }
}
