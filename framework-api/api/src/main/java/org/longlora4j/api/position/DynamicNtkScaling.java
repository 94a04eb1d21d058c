package org.longlora4j.api.position;

import java.util.Map;

/**
 * Dynamic NTK: beyond the original length the base grows with the length of the sequence at hand,
 * so that high frequencies stay and low ones stretch (transformers' {@code dynamic}; proposed by
 * the users bloc97 and emozilla, described in arXiv:2309.00071, section 3.3).
 *
 * <p>{@code theta' = theta · (factor · length / original − (factor − 1))^(dim / (dim − 2))}
 *
 * @param factor how far the base stretches, at least 1
 */
public record DynamicNtkScaling(double factor) implements RotaryScaling {
  /** This scaling's {@code rope_type}. */
  public static final String TYPE = "dynamic";

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code factor} is below 1
   */
  public DynamicNtkScaling {
    RotaryMath.requireFactor(factor);
  }

  @Override
  public RotaryFrequencies frequencies(RotaryEmbedding embedding, int length) {
    double original = embedding.originalLength();
    double stretch = factor * Math.max(length, original) / original - (factor - 1);
    return RotaryFrequencies.unscaled(
        embedding.rotaryDim(), RotaryMath.stretchedTheta(embedding, stretch));
  }

  @Override
  public Map<String, Object> parameters() {
    return RotaryMath.ordered("rope_type", TYPE, "factor", factor);
  }

  @Override
  public boolean extendsMaxPositions() {
    return false;
  }

  @Override
  public boolean dependsOnLength() {
    return true;
  }
}
