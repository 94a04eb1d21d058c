package org.longlora4j.api.position;

import java.util.Map;

/**
 * NTK-aware interpolation: a greater base, so that the lowest frequency is divided by the whole
 * factor, the highest by nothing, and those between by a part of it (proposed by the user bloc97,
 * defined in arXiv:2309.00071, section 3.1; Code Llama, arXiv:2308.12950, section 2.3, takes the
 * base alone).
 *
 * <p>{@code theta' = theta · factor^(dim / (dim − 2))}
 *
 * <p>transformers has no type of this name and needs none: the model is an unscaled one of another
 * {@code rope_theta}.
 *
 * @param base what takes the place of {@code theta}
 */
public record NtkAwareScaling(double base) implements RotaryScaling {
  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if {@code base} is not a positive number
   */
  public NtkAwareScaling {
    if (!(base > 0) || Double.isInfinite(base)) {
      throw new IllegalArgumentException("base is " + base + ", must be a positive number");
    }
  }

  /**
   * The scaling that divides the lowest frequency by a factor.
   *
   * @param embedding of at least four rotated dimensions
   * @param factor target length over original length, at least 1
   * @throws IllegalArgumentException if there are two dimensions, which have one frequency that no
   *     base changes, or {@code factor} is below 1
   */
  public static NtkAwareScaling stretched(RotaryEmbedding embedding, double factor) {
    RotaryMath.requireFactor(factor);
    return new NtkAwareScaling(RotaryMath.stretchedTheta(embedding, factor));
  }

  @Override
  public RotaryFrequencies frequencies(RotaryEmbedding embedding, int length) {
    return RotaryFrequencies.unscaled(embedding.rotaryDim(), base);
  }

  @Override
  public double theta(RotaryEmbedding embedding) {
    return base;
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("rope_type", UnscaledRotary.TYPE);
  }
}
