package org.longlora4j.api.position;

import static java.util.Objects.requireNonNull;

/**
 * The rotary embedding of a checkpoint before a recipe changes it (RoFormer, arXiv:2104.09864).
 *
 * @param rotaryDim how many dimensions of a head are rotated: {@code headDim}, or a part of it
 * @param theta the base of the geometric series of frequencies, {@code rope_theta}
 * @param originalLength the context length of pretraining in tokens, before any scaling
 * @param scaling what the checkpoint's config.json says under {@code rope_parameters} or {@code
 *     rope_scaling}
 */
public record RotaryEmbedding(
    int rotaryDim, double theta, int originalLength, RotaryScaling scaling) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code rotaryDim} is not positive and even, or another
   *     number is not positive
   */
  public RotaryEmbedding {
    requireNonNull(scaling, "scaling is null");
    if (rotaryDim < 2 || rotaryDim % 2 != 0) {
      throw new IllegalArgumentException("rotaryDim is " + rotaryDim + ", must be even");
    }
    if (!(theta > 0) || originalLength < 1) {
      throw new IllegalArgumentException("theta and originalLength must be positive");
    }
  }

  /** The frequencies for a sequence of {@code length} tokens. */
  public RotaryFrequencies frequencies(int length) {
    return scaling.frequencies(this, length);
  }

  /** The same embedding under another scaling. */
  public RotaryEmbedding withScaling(RotaryScaling other) {
    return new RotaryEmbedding(rotaryDim, theta, originalLength, other);
  }
}
