package org.longlora4j.api.position;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * LongRoPE: a factor of its own for every dimension, one list up to the original length and another
 * beyond it (arXiv:2402.13753, section 3).
 *
 * @param shortFactor divisors up to the original length, one for each pair of dimensions
 * @param longFactor divisors beyond the original length, one for each pair of dimensions
 * @param factor target length over original length, at least 1; a config.json that does not give it
 *     means the ratio of its two lengths
 * @param attentionFactor multiplies cosine and sine; {@code sqrt(1 + ln(factor) / ln(original))} if
 *     absent
 * @param originalLength the context length of pretraining, if config.json gives it here
 */
public record LongRopeScaling(
    List<Double> shortFactor,
    List<Double> longFactor,
    Optional<Double> factor,
    Optional<Double> attentionFactor,
    Optional<Integer> originalLength)
    implements RotaryScaling {
  /** This scaling's {@code rope_type}. */
  public static final String TYPE = "longrope";

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException if the lists differ in length or {@code factor} is below 1
   */
  public LongRopeScaling {
    shortFactor = List.copyOf(shortFactor);
    longFactor = List.copyOf(longFactor);
    if (shortFactor.size() != longFactor.size()) {
      throw new IllegalArgumentException("short_factor and long_factor differ in length");
    }
    factor.ifPresent(RotaryMath::requireFactor);
  }

  static LongRopeScaling read(RotaryScalings.Entries entries) {
    return new LongRopeScaling(
        entries.numbers("short_factor"),
        entries.numbers("long_factor"),
        entries.number("factor"),
        entries.number("attention_factor"),
        entries.number("original_max_position_embeddings").map(Double::intValue));
  }

  @Override
  public RotaryFrequencies frequencies(RotaryEmbedding embedding, int length) {
    int original = originalLength.orElse(embedding.originalLength());
    List<Double> divisors = length > original ? longFactor : shortFactor;
    int pairs = embedding.rotaryDim() / 2;
    if (divisors.size() != pairs) {
      throw new IllegalArgumentException(
          "short_factor and long_factor have "
              + divisors.size()
              + " entries, must have "
              + pairs
              + ": half the rotated dimensions of a head");
    }
    float[] inverse = new float[pairs];
    for (int i = 0; i < pairs; i++) {
      double wavelength = Math.pow(embedding.theta(), 2.0 * i / embedding.rotaryDim());
      inverse[i] = (float) (1 / (divisors.get(i) * wavelength));
    }
    return new RotaryFrequencies(inverse, attentionFactor.orElseGet(() -> temperature(original)));
  }

  private double temperature(int original) {
    double stretched = factor.orElse(1.0);
    return stretched <= 1 ? 1 : Math.sqrt(1 + Math.log(stretched) / Math.log(original));
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> parameters =
        RotaryMath.ordered(
            "rope_type", TYPE, "short_factor", shortFactor, "long_factor", longFactor);
    factor.ifPresent(value -> parameters.put("factor", value));
    attentionFactor.ifPresent(value -> parameters.put("attention_factor", value));
    originalLength.ifPresent(value -> parameters.put("original_max_position_embeddings", value));
    return parameters;
  }

  @Override
  public boolean dependsOnLength() {
    return true;
  }
}
