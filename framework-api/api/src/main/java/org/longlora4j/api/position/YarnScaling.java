package org.longlora4j.api.position;

import java.util.Map;
import java.util.Optional;

/**
 * YaRN: high frequencies stay, low ones are interpolated, with a ramp between, and attention is
 * sharpened by a temperature (arXiv:2309.00071, sections 3.2 and 3.4).
 *
 * @param factor target length over original length, at least 1
 * @param betaFast rotations within the original length above which a dimension stays as it is
 * @param betaSlow rotations within the original length below which a dimension is interpolated
 * @param attentionFactor multiplies cosine and sine; {@code 0.1 · ln(factor) + 1} if absent
 * @param originalLength the context length of pretraining, if config.json gives it here
 * @param truncate whether the ramp's ends are rounded outward to whole dimensions
 */
public record YarnScaling(
    double factor,
    double betaFast,
    double betaSlow,
    Optional<Double> attentionFactor,
    Optional<Integer> originalLength,
    boolean truncate)
    implements RotaryScaling {
  /** This scaling's {@code rope_type}. */
  public static final String TYPE = "yarn";

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code factor} is below 1, or {@code betaFast} is not above
   *     {@code betaSlow}
   */
  public YarnScaling {
    RotaryMath.requireFactor(factor);
    if (betaFast <= betaSlow) {
      throw new IllegalArgumentException("beta_fast must be greater than beta_slow");
    }
  }

  static YarnScaling read(RotaryScalings.Entries entries) {
    Optional<Double> attention = entries.number("attention_factor");
    Optional<Double> mscale = entries.number("mscale");
    Optional<Double> mscaleAllDim = entries.number("mscale_all_dim");
    double factor = entries.required("factor");
    if (attention.isEmpty() && mscale.isPresent() && mscaleAllDim.isPresent()) {
      attention =
          Optional.of(temperature(factor, mscale.get()) / temperature(factor, mscaleAllDim.get()));
    }
    return new YarnScaling(
        factor,
        entries.number("beta_fast").orElse(32.0),
        entries.number("beta_slow").orElse(1.0),
        attention,
        entries.number("original_max_position_embeddings").map(Double::intValue),
        entries.flag("truncate", true));
  }

  private static double temperature(double factor, double scale) {
    return 0.1 * scale * Math.log(factor) + 1;
  }

  @Override
  public RotaryFrequencies frequencies(RotaryEmbedding embedding, int length) {
    int dim = embedding.rotaryDim();
    int original = originalLength.orElse(embedding.originalLength());
    double low = dimensionOfRotations(betaFast, dim, embedding.theta(), original);
    double high = dimensionOfRotations(betaSlow, dim, embedding.theta(), original);
    if (truncate) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, dim - 1.0);
    if (low == high) {
      high += 0.001; // as transformers does: no division by zero
    }
    float[] inverse = RotaryFrequencies.unscaled(dim, embedding.theta()).inverse();
    for (int i = 0; i < inverse.length; i++) {
      double interpolated = Math.max(0, Math.min(1, (i - low) / (high - low)));
      inverse[i] = (float) (inverse[i] / factor * interpolated + inverse[i] * (1 - interpolated));
    }
    return new RotaryFrequencies(inverse, attentionFactor.orElse(temperature(factor, 1)));
  }

  /** The dimension that turns that many times within the original length (equation 17). */
  private static double dimensionOfRotations(
      double rotations, int dim, double theta, int original) {
    return dim * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters =
        RotaryMath.ordered(
            "rope_type", TYPE, "factor", factor, "beta_fast", betaFast, "beta_slow", betaSlow);
    attentionFactor.ifPresent(value -> parameters.put("attention_factor", value));
    originalLength.ifPresent(value -> parameters.put("original_max_position_embeddings", value));
    if (!truncate) {
      parameters.put("truncate", false);
    }
    return parameters;
  }
}
