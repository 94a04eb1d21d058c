package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.Precision;

/**
 * A weight in four bits an element.
 *
 * @param codebook what a code stands for
 * @param shape of the weight
 * @param blockSize how many elements, in row-major order, share a scale
 * @param packed uint8, shape (elements / 2, 1): two codes in a byte, the first in its high half
 * @param scales one for each block, the last of which may be short
 * @param expansion for the device that holds the tensors
 */
record FourBitWeight(
    FourBitCodebook codebook,
    Shape shape,
    int blockSize,
    NDArray packed,
    BlockScales scales,
    Expansion<FourBitWeight> expansion)
    implements QuantizedWeight {

  /** How many blocks a weight of a shape has. */
  static int blocks(Shape shape, int blockSize) {
    return Math.toIntExact((shape.size() + blockSize - 1) / blockSize);
  }

  /** How many blocks there are. */
  int blocks() {
    return blocks(shape, blockSize);
  }

  @Override
  public void dequantize(NDArray target, Precision precision) {
    Expansion.requireShape(target, shape);
    expansion.expand(this, target, precision);
  }
}
