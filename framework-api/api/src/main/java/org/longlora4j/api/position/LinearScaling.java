package org.longlora4j.api.position;

import java.util.Map;

/**
 * Position Interpolation: every frequency divided by one factor, so that the positions of the new
 * length fall between those of the old (arXiv:2306.15595, section 2.3, equation 4).
 *
 * @param factor target length over original length, at least 1
 */
public record LinearScaling(double factor) implements RotaryScaling {
  /** This scaling's {@code rope_type}. */
  public static final String TYPE = "linear";

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code factor} is below 1
   */
  public LinearScaling {
    RotaryMath.requireFactor(factor);
  }

  @Override
  public RotaryFrequencies frequencies(RotaryEmbedding embedding, int length) {
    float[] inverse =
        RotaryFrequencies.unscaled(embedding.rotaryDim(), embedding.theta()).inverse();
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] /= (float) factor;
    }
    return new RotaryFrequencies(inverse, 1);
  }

  @Override
  public Map<String, Object> parameters() {
    return RotaryMath.ordered("rope_type", TYPE, "factor", factor);
  }
}
