package org.longlora4j.api.position;

import static java.util.Objects.requireNonNull;

/**
 * What rotates queries and keys: position {@code p} turns the pair of dimensions {@code i} and
 * {@code i + rotaryDim / 2} by {@code p · inverse[i]} radians.
 *
 * @param inverse radians per token, one for each pair of dimensions ({@code inv_freq})
 * @param attentionScaling multiplies cosine and sine, and so scores by its square; 1 but for YaRN
 *     and LongRoPE
 */
@SuppressWarnings("ArrayRecordComponent") // a numeric vector; identity equality is never used
public record RotaryFrequencies(float[] inverse, double attentionScaling) {
  /** Requires the vector. */
  public RotaryFrequencies {
    requireNonNull(inverse, "inverse is null");
  }

  /** {@code theta^(-2i / rotaryDim)}, the series of RoFormer (arXiv:2104.09864, section 3.2.2). */
  public static RotaryFrequencies unscaled(int rotaryDim, double theta) {
    float[] inverse = new float[rotaryDim / 2];
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = (float) (1.0 / Math.pow(theta, 2.0 * i / rotaryDim));
    }
    return new RotaryFrequencies(inverse, 1);
  }
}
