package org.longlora4j.plugin.qlora;

/**
 * The 4-bit floating-point number of bitsandbytes: a sign, and one of eight magnitudes, those of
 * two bits of exponent and one of mantissa, over the largest. Code 1 stands for a subnormal number
 * that is far smaller than the format by itself would have it.
 *
 * <p>QLoRA, section 5.1, compares it with {@link NormalFloat4}.
 */
final class FloatingPoint4 {
  private static final int SIGN = 8;
  private static final float LARGEST = 12;
  private static final float[] MAGNITUDES = {0, 0.0625f, 8, 12, 4, 6, 2, 3}; // by code
  private static final int[] RISING = {0, 1, 6, 7, 4, 5, 2, 3}; // codes by magnitude
  private static final float[] LEVELS = levelsByCode();
  private static final float[] MIDPOINTS = midpoints();

  private FloatingPoint4() {}

  private static float[] levelsByCode() {
    float[] levels = new float[2 * SIGN];
    for (int code = 0; code < SIGN; code++) {
      levels[code] = MAGNITUDES[code] / LARGEST;
      levels[code | SIGN] = 0 - levels[code]; // zero without a sign, as bitsandbytes has it
    }
    return levels;
  }

  private static float[] midpoints() {
    float[] midpoints = new float[RISING.length - 1];
    for (int i = 0; i < midpoints.length; i++) {
      midpoints[i] = (LEVELS[RISING[i]] + LEVELS[RISING[i + 1]]) / 2;
    }
    return midpoints;
  }

  /** The levels by code. */
  static float[] levels() {
    return LEVELS.clone();
  }

  /** The code of the level nearest to {@code x}; of two equally near, the one nearer to zero. */
  static int nearest(float x) {
    float magnitude = Math.abs(x);
    int rank = magnitude > MIDPOINTS[3] ? 4 : 0;
    rank += magnitude > MIDPOINTS[rank + 1] ? 2 : 0;
    rank += magnitude > MIDPOINTS[rank] ? 1 : 0;
    return RISING[rank] | (x < 0 ? SIGN : 0);
  }
}
