package org.longlora4j.plugin.qlora;

/**
 * The 8-bit codes of one moment of an optimizer, whose levels are those of {@link DynamicMap}.
 *
 * <p><a href="https://arxiv.org/abs/2110.02861">8-bit Optimizers via Block-wise Quantization</a>,
 * section 2.1.
 */
final class MomentCodes {
  /** For the first moment. */
  static final MomentCodes SIGNED = new MomentCodes(DynamicMap.levels());

  /** For the second moment, which is never negative: the sign's bit makes the levels finer. */
  static final MomentCodes UNSIGNED = new MomentCodes(DynamicMap.unsignedLevels());

  private final float[] levels;
  private final float[] midpoints;

  private MomentCodes(float[] levels) {
    this.levels = levels;
    this.midpoints = new float[levels.length - 1];
    for (int i = 0; i < midpoints.length; i++) {
      midpoints[i] = (levels[i] + levels[i + 1]) / 2;
    }
  }

  /** The levels by code, in rising order. */
  float[] levels() {
    return levels.clone();
  }

  /** Between every two neighbouring levels, the number above which the upper one is nearer. */
  float[] midpoints() {
    return midpoints.clone();
  }

  /** Turns a block's codes into numbers. */
  void decode(byte[] codes, float absmax, float[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = levels[codes[i] & 0xff] * absmax;
    }
  }

  /**
   * Turns a block's numbers into the codes of the nearest levels.
   *
   * @return their scale: the largest magnitude
   */
  float encode(float[] values, byte[] codes, int count) {
    float absmax = 0;
    for (int i = 0; i < count; i++) {
      absmax = Math.max(absmax, Math.abs(values[i]));
    }
    float divisor = absmax == 0 ? 1 : absmax; // a block of zeros stays one
    for (int i = 0; i < count; i++) {
      codes[i] = (byte) nearest(values[i] / divisor);
    }
    return absmax;
  }

  /** The code of the level nearest to {@code x}; of two equally near, the lower. */
  int nearest(float x) {
    // Eight steps of a binary search, written so that the JIT needs no branches.
    int code = x > midpoints[127] ? 128 : 0;
    code += x > midpoints[code + 63] ? 64 : 0;
    code += x > midpoints[code + 31] ? 32 : 0;
    code += x > midpoints[code + 15] ? 16 : 0;
    code += x > midpoints[code + 7] ? 8 : 0;
    code += x > midpoints[code + 3] ? 4 : 0;
    code += x > midpoints[code + 1] ? 2 : 0;
    code += x > midpoints[code] ? 1 : 0;
    return code;
  }
}
