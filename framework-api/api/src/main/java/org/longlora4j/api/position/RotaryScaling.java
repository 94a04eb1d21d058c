package org.longlora4j.api.position;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One way to stretch rotary frequencies, as a config.json names it.
 *
 * <p>The ways that transformers knows are records of this package, read by {@link
 * RotaryScalings#fromConfig}.
 */
@ConsumerType
public interface RotaryScaling {
  /**
   * The frequencies for a sequence.
   *
   * @param embedding the unscaled embedding
   * @param length the length of the sequence in tokens; only dynamic kinds look at it
   */
  RotaryFrequencies frequencies(RotaryEmbedding embedding, int length);

  /**
   * The entries that transformers reads from config.json: {@code rope_type} and its parameters,
   * without {@code rope_theta}.
   */
  Map<String, Object> parameters();

  /**
   * The base of the frequencies that stands in config.json as {@code rope_theta}.
   *
   * @param embedding the unscaled embedding
   */
  default double theta(RotaryEmbedding embedding) {
    return embedding.theta();
  }

  /**
   * Whether a model so scaled claims the target length as {@code max_position_embeddings}. A
   * dynamic kind keeps the original length there, since it starts to stretch beyond it.
   */
  default boolean extendsMaxPositions() {
    return true;
  }

  /** Whether {@link #frequencies} depends on the length of the sequence. */
  default boolean dependsOnLength() {
    return false;
  }
}
