package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Block-wise quantization on the CPU: each block divided by its largest magnitude, each quotient
 * replaced by the code of the nearest level.
 *
 * <p>QLoRA, section 2, "Block-wise k-bit Quantization". Tensors are float32 and on the CPU.
 */
final class BlockScaling {
  private BlockScaling() {}

  /**
   * The largest magnitude of each block.
   *
   * @return float32, shape (blocks)
   */
  static NDArray absmax(NDArray values, int blockSize, NDManager owner) {
    int blocks = blocks(values, blockSize);
    NDArray result = owner.create(new Shape(blocks), DataType.FLOAT32);
    FloatBuffer source = floats(values);
    FloatBuffer target = floats(result);
    BlockRanges.forEach(
        blocks,
        blockSize,
        (from, to) -> {
          float[] block = new float[blockSize];
          for (int i = from; i < to; i++) {
            int length = read(source, i, block);
            float largest = 0;
            for (int j = 0; j < length; j++) {
              largest = Math.max(largest, Math.abs(block[j]));
            }
            target.put(i, largest);
          }
        });
    return result;
  }

  /**
   * The 8-bit codes of {@link DynamicMap}.
   *
   * @return uint8, shape (elements)
   */
  static NDArray codes(NDArray values, NDArray absmax, int blockSize, NDManager owner) {
    NDArray result = owner.create(new Shape(values.size()), DataType.UINT8);
    ByteBuffer target = Memory.of(result, values.size());
    forEachScaled(
        values,
        absmax,
        blockSize,
        1,
        (start, scaled, length) -> {
          for (int j = 0; j < length; j++) {
            target.put(start + j, (byte) DynamicMap.nearest(scaled[j]));
          }
        });
    return result;
  }

  /**
   * The 4-bit codes of a codebook, two in a byte, the first in its high half. After an odd number
   * of elements the last half is filled up with zero's code.
   *
   * @param blockSize even
   * @return uint8, shape (elements / 2 rounded up, 1)
   */
  static NDArray pack(
      NDArray values, NDArray absmax, int blockSize, FourBitCodebook codebook, NDManager owner) {
    NDArray result = owner.create(new Shape((values.size() + 1) / 2, 1), DataType.UINT8);
    ByteBuffer target = Memory.of(result, result.size());
    forEachScaled(
        values,
        absmax,
        blockSize,
        1,
        (start, scaled, length) -> {
          int at = start / 2;
          int j = 0;
          for (; j < length - 1; j += 2) {
            int first = codebook.nearest(scaled[j]);
            int second = codebook.nearest(scaled[j + 1]);
            target.put(at++, (byte) (first << 4 | second));
          }
          if (j < length) {
            int last = codebook.nearest(scaled[j]);
            target.put(at, (byte) (last << 4 | codebook.nearest(0)));
          }
        });
    return result;
  }

  /**
   * Codes that are 127ths of their blocks' largest magnitudes, rounded to the nearest, ties to
   * even.
   *
   * @return int8, in the shape of {@code values}
   */
  static NDArray rounded(NDArray values, NDArray absmax, int blockSize, NDManager owner) {
    NDArray result = owner.create(values.getShape(), DataType.INT8);
    ByteBuffer target = Memory.of(result, values.size());
    forEachScaled(
        values,
        absmax,
        blockSize,
        Int8Weight.LARGEST,
        (start, scaled, length) -> {
          for (int j = 0; j < length; j++) {
            target.put(start + j, (byte) Math.rint(scaled[j]));
          }
        });
    return result;
  }

  /** Takes one block, scaled to [-largest, largest]. */
  @FunctionalInterface
  private interface ScaledBlock {
    void accept(int start, float[] scaled, int length);
  }

  private static void forEachScaled(
      NDArray values, NDArray absmax, int blockSize, float largest, ScaledBlock consumer) {
    FloatBuffer source = floats(values);
    FloatBuffer scales = floats(absmax);
    BlockRanges.forEach(
        blocks(values, blockSize),
        blockSize,
        (from, to) -> {
          float[] block = new float[blockSize];
          for (int i = from; i < to; i++) {
            int length = read(source, i, block);
            float scale = scales.get(i);
            float inverse = scale == 0 ? 0 : largest / scale; // a block of zeros stays one
            for (int j = 0; j < length; j++) {
              block[j] *= inverse;
            }
            consumer.accept(i * blockSize, block, length);
          }
        });
  }

  private static int read(FloatBuffer source, int index, float[] block) {
    int start = index * block.length;
    int length = Math.min(block.length, source.capacity() - start);
    source.get(start, block, 0, length);
    return length;
  }

  private static FloatBuffer floats(NDArray array) {
    return Memory.of(array, array.size() * Float.BYTES).asFloatBuffer();
  }

  private static int blocks(NDArray values, int blockSize) {
    return Math.toIntExact((values.size() + blockSize - 1) / blockSize);
  }
}
