package org.longlora4j.api.position;

import java.util.Map;

/**
 * Llama 3.1's scaling: wavelengths beyond the original length over {@code lowFreqFactor} are
 * divided, those below the original length over {@code highFreqFactor} stay, with a smooth step
 * between (The Llama 3 Herd of Models, arXiv:2407.21783, section 3.4.2; formula as published with
 * the model's code).
 *
 * @param factor how much long wavelengths are stretched, at least 1
 * @param lowFreqFactor the original length over this is the wavelength above which all is stretched
 * @param highFreqFactor the original length over this is the wavelength below which nothing is
 * @param originalLength the context length of pretraining
 */
public record Llama3Scaling(
    double factor, double lowFreqFactor, double highFreqFactor, int originalLength)
    implements RotaryScaling {
  /** This scaling's {@code rope_type}. */
  public static final String TYPE = "llama3";

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code factor} is below 1, or {@code highFreqFactor} is not
   *     above {@code lowFreqFactor}
   */
  public Llama3Scaling {
    RotaryMath.requireFactor(factor);
    if (highFreqFactor <= lowFreqFactor) {
      throw new IllegalArgumentException("high_freq_factor must be greater than low_freq_factor");
    }
  }

  static Llama3Scaling read(RotaryScalings.Entries entries) {
    return new Llama3Scaling(
        entries.required("factor"),
        entries.required("low_freq_factor"),
        entries.required("high_freq_factor"),
        (int) entries.required("original_max_position_embeddings"));
  }

  @Override
  public RotaryFrequencies frequencies(RotaryEmbedding embedding, int length) {
    float[] inverse =
        RotaryFrequencies.unscaled(embedding.rotaryDim(), embedding.theta()).inverse();
    for (int i = 0; i < inverse.length; i++) {
      double rotations = originalLength * (double) inverse[i] / (2 * Math.PI);
      double kept = (rotations - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
      kept = Math.max(0, Math.min(1, kept));
      inverse[i] = (float) (inverse[i] / factor * (1 - kept) + inverse[i] * kept);
    }
    return new RotaryFrequencies(inverse, 1);
  }

  @Override
  public Map<String, Object> parameters() {
    return RotaryMath.ordered(
        "rope_type",
        TYPE,
        "factor",
        factor,
        "low_freq_factor",
        lowFreqFactor,
        "high_freq_factor",
        highFreqFactor,
        "original_max_position_embeddings",
        originalLength);
  }
}
