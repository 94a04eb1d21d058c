package org.longlora4j.plugin.qlora;

import java.util.Arrays;

/**
 * The 8-bit dynamic data type, signed unless said otherwise: seven decades, the larger ones the
 * more finely divided.
 *
 * <p><a href="https://arxiv.org/abs/1511.04561">8-Bit Approximations for Parallelism in Deep
 * Learning</a>, section 2.2, in the form in which bitsandbytes builds it.
 */
final class DynamicMap {
  private static final int DECADES = 7;
  private static final float[] LEVELS = build(true);

  private DynamicMap() {}

  /** The sign's bit, if it is not needed, halves the intervals. */
  private static float[] build(boolean signed) {
    float[] levels = new float[256];
    int count = 0;
    for (int decade = 0; decade < DECADES; decade++) {
      float scale = (float) Math.pow(10, decade + 1 - DECADES);
      int intervals = signed ? 1 << decade : 2 << decade;
      for (int i = 0; i < intervals; i++) {
        float mean = (boundary(i, intervals) + boundary(i + 1, intervals)) / 2;
        levels[count++] = scale * mean;
        if (signed) {
          levels[count++] = -scale * mean;
        }
      }
    }
    levels[count++] = 0;
    levels[count] = 1;
    Arrays.sort(levels);
    return levels;
  }

  /** Divides [0.1, 1] as torch.linspace does, to the last bit: from both ends to the middle. */
  private static float boundary(int i, int intervals) {
    float step = (1 - 0.1f) / intervals;
    return i < (intervals + 1) / 2 ? Math.fma(step, i, 0.1f) : Math.fma(-step, intervals - i, 1f);
  }

  /** The levels of numbers that are never negative, in [0, 1], in rising order. */
  static float[] unsignedLevels() {
    return build(false);
  }

  /** The levels by code, in rising order. */
  static float[] levels() {
    return LEVELS.clone();
  }

  /** The level of a code. */
  static float level(int code) {
    return LEVELS[code];
  }

  /** The code of the level nearest to {@code x}; of two equally near, the lower. */
  static int nearest(float x) {
    int found = Arrays.binarySearch(LEVELS, x);
    if (found >= 0) {
      return found;
    }
    int above = Math.min(-found - 1, LEVELS.length - 1);
    int below = Math.max(above - 1, 0);
    return LEVELS[above] - x < x - LEVELS[below] ? above : below;
  }
}
