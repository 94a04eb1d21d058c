package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import org.longlora4j.api.tensor.Precision;

/**
 * Expands four bits on the CPU, from tensor memory to tensor memory.
 *
 * <p>A block's sixteen levels are scaled and rounded once; its elements are then only looked up.
 * Small arrays stand between the two memories, since the JIT drops the checks in loops over arrays
 * but not in loops over buffers.
 */
final class MemoryExpansion implements Expansion<FourBitWeight> {
  private static final int LEVELS = 16;
  private static final int STAGED_ELEMENTS = 1024;

  @Override
  public void expand(FourBitWeight weight, NDArray target, Precision precision) {
    int size = Math.toIntExact(weight.shape().size());
    ByteBuffer codes = Memory.of(weight.packed(), (size + 1) / 2);
    ByteBuffer elements = Memory.of(target, (long) size * precision.bytes());
    IntBuffer words = elements.asIntBuffer();
    int blockSize = weight.blockSize();
    float[] levels = weight.codebook().levels();
    BlockRanges.forEach(
        weight.blocks(),
        blockSize,
        (from, to) -> {
          float[] scales = weight.scales().read(from, to);
          Stage stage = new Stage(blockSize, precision);
          int blocks = stage.blocks();
          for (int block = from; block < to; block += blocks) {
            int start = block * blockSize;
            int count = Math.min(Math.min(blocks, to - block) * blockSize, size - start);
            codes.get(start / 2, stage.codes, 0, (count + 1) / 2);
            stage.expand(levels, scales, block - from, count);
            stage.write(elements, words, start, count);
          }
        });
  }

  /** A few blocks on their way. */
  private static final class Stage {
    private final int blockSize;
    private final Precision precision;
    private final byte[] codes;
    private final int[] elements;

    Stage(int blockSize, Precision precision) {
      this.blockSize = blockSize;
      this.precision = precision;
      int size = Math.max(STAGED_ELEMENTS, blockSize);
      codes = new byte[size / 2];
      elements = new int[size * precision.bytes() / Integer.BYTES];
    }

    int blocks() {
      return codes.length * 2 / blockSize;
    }

    void expand(float[] levels, float[] scales, int firstScale, int count) {
      int[] table = new int[LEVELS]; // made here so that the JIT knows its length
      int bytes = (count + 1) / 2;
      int blockBytes = blockSize / 2;
      for (int start = 0, block = firstScale; start < bytes; start += blockBytes, block++) {
        int end = Math.min(bytes, start + blockBytes);
        switch (precision) {
          case BFLOAT16 -> {
            scaleToBfloat16(levels, scales[block], table);
            lookUpBfloat16(table, codes, start, end, elements);
          }
          case FLOAT32 -> {
            scaleToFloat32(levels, scales[block], table);
            lookUpFloat32(table, codes, start, end, elements);
          }
        }
      }
    }

    void write(ByteBuffer target, IntBuffer words, int start, int count) {
      int bytes = precision.bytes();
      int whole = count * bytes / Integer.BYTES;
      words.put(start * bytes / Integer.BYTES, elements, 0, whole);
      if (count * bytes % Integer.BYTES != 0) { // an odd number of two-byte elements
        target.putShort((start + count - 1) * bytes, (short) elements[whole]);
      }
    }
  }

  private static void scaleToBfloat16(float[] levels, float scale, int[] table) {
    for (int code = 0; code < LEVELS; code++) {
      table[code] = Bfloat16.bits(levels[code] * scale);
    }
  }

  private static void scaleToFloat32(float[] levels, float scale, int[] table) {
    for (int code = 0; code < LEVELS; code++) {
      table[code] = Float.floatToRawIntBits(levels[code] * scale);
    }
  }

  private static void lookUpBfloat16(
      int[] table, byte[] codes, int start, int end, int[] elements) {
    for (int i = start; i < end; i++) {
      int pair = codes[i];
      elements[i] = table[(pair >>> 4) & 15] | table[pair & 15] << 16;
    }
  }

  private static void lookUpFloat32(int[] table, byte[] codes, int start, int end, int[] elements) {
    for (int i = start; i < end; i++) {
      int pair = codes[i];
      elements[2 * i] = table[(pair >>> 4) & 15];
      elements[2 * i + 1] = table[pair & 15];
    }
  }
}
