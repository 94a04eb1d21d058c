package org.longlora4j.plugin.position;

import com.google.inject.Inject;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.DynamicNtkScaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * Dynamic NTK: NTK-aware interpolation whose base follows the length of the sequence at hand, so
 * that a sequence within the original length is not changed at all (proposed by the user emozilla;
 * arXiv:2309.00071, section 3.3).
 *
 * <p>{@code rope_theta' = rope_theta · (factor · length / original − (factor − 1))^(dim / (dim −
 * 2))} beyond the original length, transformers' formula; a factor of 1 is the paper's. In training
 * each row turns by the base for its own length.
 */
public final class DynamicNtk implements PositionalScaling {
  /**
   * What a recipe says about {@code dynamic}.
   *
   * @param factor how fast the base grows with the length, at least 1
   */
  public record Options(
      @Option(
              value =
                  "How fast the base grows beyond the original length; 1 lets the lowest frequency"
                      + " keep pace with the length, as in the paper.",
              defaultValue = "1",
              min = 1)
          double factor) {}

  private final double factor;

  @Inject
  DynamicNtk(Options options) {
    factor = options.factor();
  }

  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    return new DynamicNtkScaling(factor);
  }

  @Override
  public void check(RotaryEmbedding embedding, int targetLength, Problems problems) {
    Bases.check(embedding, problems);
  }
}
