package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import org.longlora4j.api.tensor.Precision;

/**
 * Expands eight bits on the CPU, from tensor memory to tensor memory.
 *
 * <p>What each code stands for in a row is computed and rounded once; elements are then only looked
 * up, in arrays that stand between the two memories, since the JIT drops the checks in loops over
 * arrays but not in loops over buffers.
 */
final class Int8MemoryExpansion implements Expansion<Int8Weight> {
  /** What bitsandbytes multiplies by in place of a division by 127. */
  private static final float INVERSE = 1f / Int8Weight.LARGEST;

  private static final int CODES = 256;

  @Override
  public void expand(Int8Weight weight, NDArray target, Precision precision) {
    int columns = Math.toIntExact(weight.shape().get(1));
    int rows = Math.toIntExact(weight.shape().get(0));
    long size = weight.shape().size();
    ByteBuffer codes = Memory.of(weight.codes(), size);
    FloatBuffer scales = Memory.of(weight.scales(), (long) rows * Float.BYTES).asFloatBuffer();
    ByteBuffer elements = Memory.of(target, size * precision.bytes());
    IntBuffer words = elements.asIntBuffer();
    ShortBuffer halves = elements.asShortBuffer();
    BlockRanges.forEach(
        rows,
        columns,
        (from, to) -> {
          Row row = new Row(columns);
          for (int i = from; i < to; i++) {
            codes.get(i * columns, row.codes);
            switch (precision) {
              case FLOAT32 -> words.put(i * columns, row.float32(scales.get(i)));
              case BFLOAT16 -> halves.put(i * columns, row.bfloat16(scales.get(i)));
            }
          }
        });
  }

  /** One row on its way. */
  private static final class Row {
    private final byte[] codes;
    private final int[] words;
    private final short[] halves;

    Row(int columns) {
      codes = new byte[columns];
      words = new int[columns];
      halves = new short[columns];
    }

    int[] float32(float scale) {
      int[] table = new int[CODES]; // made here so that the JIT knows its length
      for (int code = 0; code < CODES; code++) {
        table[code] = Float.floatToRawIntBits((byte) code * scale * INVERSE);
      }
      for (int j = 0; j < codes.length; j++) {
        words[j] = table[codes[j] & 0xff];
      }
      return words;
    }

    short[] bfloat16(float scale) {
      short[] table = new short[CODES];
      for (int code = 0; code < CODES; code++) {
        table[code] = (short) Bfloat16.bits((byte) code * scale * INVERSE);
      }
      for (int j = 0; j < codes.length; j++) {
        halves[j] = table[codes[j] & 0xff];
      }
      return halves;
    }
  }
}
