package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.longlora4j.api.tensor.Precision;

/** Expands eight bits on the CPU, from tensor memory to tensor memory, row by row. */
final class Int8MemoryExpansion implements Expansion<Int8Weight> {
  /** What bitsandbytes multiplies by in place of a division by 127. */
  private static final float INVERSE = 1f / Int8Weight.LARGEST;

  @Override
  public void expand(Int8Weight weight, NDArray target, Precision precision) {
    int columns = Math.toIntExact(weight.shape().get(1));
    int rows = Math.toIntExact(weight.shape().get(0));
    long size = weight.shape().size();
    ByteBuffer codes = Memory.of(weight.codes(), size);
    FloatBuffer scales = Memory.of(weight.scales(), (long) rows * Float.BYTES).asFloatBuffer();
    ByteBuffer elements = Memory.of(target, size * precision.bytes());
    BlockRanges.forEach(
        rows,
        columns,
        (from, to) -> {
          Row row = new Row(columns);
          for (int i = from; i < to; i++) {
            codes.get(i * columns, row.codes);
            switch (precision) {
              case FLOAT32 -> row.putFloat32(scales.get(i), elements.asFloatBuffer(), i * columns);
              case BFLOAT16 ->
                  row.putBfloat16(scales.get(i), elements.asShortBuffer(), i * columns);
            }
          }
        });
  }

  /** One row on its way, through arrays, in loops over which the JIT drops the checks. */
  private static final class Row {
    private final byte[] codes;
    private final float[] wide;
    private final short[] narrow;

    Row(int columns) {
      codes = new byte[columns];
      wide = new float[columns];
      narrow = new short[columns];
    }

    void putFloat32(float scale, FloatBuffer target, int start) {
      for (int j = 0; j < codes.length; j++) {
        wide[j] = codes[j] * scale * INVERSE;
      }
      target.put(start, wide);
    }

    void putBfloat16(float scale, ShortBuffer target, int start) {
      for (int j = 0; j < codes.length; j++) {
        narrow[j] = (short) Bfloat16.bits(codes[j] * scale * INVERSE);
      }
      target.put(start, narrow);
    }
  }
}
