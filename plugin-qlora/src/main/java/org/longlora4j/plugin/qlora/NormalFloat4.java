package org.longlora4j.plugin.qlora;

/**
 * The 4-bit NormalFloat: sixteen levels in [-1, 1], quantiles of a normal distribution, zero among
 * them.
 *
 * <p>QLoRA, section 3, "4-bit NormalFloat Quantization", and appendix E, whose values these are.
 */
final class NormalFloat4 {
  private static final float[] LEVELS = {
    -1.0f,
    -0.6961928f,
    -0.52507305f,
    -0.3949175f,
    -0.28444138f,
    -0.18477343f,
    -0.091050036f,
    0.0f,
    0.0795803f,
    0.1609302f,
    0.2461123f,
    0.33791524f,
    0.44070983f,
    0.562617f,
    0.72295684f,
    1.0f
  };
  private static final float[] MIDPOINTS = midpoints();

  private NormalFloat4() {}

  private static float[] midpoints() {
    float[] midpoints = new float[LEVELS.length - 1];
    for (int i = 0; i < midpoints.length; i++) {
      midpoints[i] = (LEVELS[i] + LEVELS[i + 1]) / 2;
    }
    return midpoints;
  }

  /** The levels by code, in rising order. */
  static float[] levels() {
    return LEVELS.clone();
  }

  /** The code of the level nearest to {@code x}; of two equally near, the lower. */
  static int nearest(float x) {
    // Four steps of a binary search, written so that the JIT needs no branches.
    int code = x > MIDPOINTS[7] ? 8 : 0;
    code += x > MIDPOINTS[code + 3] ? 4 : 0;
    code += x > MIDPOINTS[code + 1] ? 2 : 0;
    code += x > MIDPOINTS[code] ? 1 : 0;
    return code;
  }
}
