package org.longlora4j.api.position;

import java.util.Map;

/** The frequencies of pretraining, unchanged (RoFormer, arXiv:2104.09864). */
public record UnscaledRotary() implements RotaryScaling {
  /** This scaling's {@code rope_type}. */
  public static final String TYPE = "default";

  @Override
  public RotaryFrequencies frequencies(RotaryEmbedding embedding, int length) {
    return RotaryFrequencies.unscaled(embedding.rotaryDim(), embedding.theta());
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("rope_type", TYPE);
  }

  @Override
  public boolean extendsMaxPositions() {
    return false;
  }
}
