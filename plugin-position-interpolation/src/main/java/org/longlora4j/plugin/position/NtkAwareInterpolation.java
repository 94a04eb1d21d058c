package org.longlora4j.plugin.position;

import com.google.inject.Inject;
import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.NtkAwareScaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * NTK-aware interpolation: instead of positions the base of the frequencies changes, once and for
 * all, so that high frequencies hardly change and the lowest is divided by the whole factor
 * (proposed by the user bloc97; arXiv:2309.00071, section 3.1, definition 1).
 *
 * <p>{@code rope_theta' = rope_theta · factor^(dim / (dim − 2))}
 */
public final class NtkAwareInterpolation implements PositionalScaling {
  /**
   * What a recipe says about {@code ntk}.
   *
   * @param factor by how much the lowest frequency is divided, at least 1
   */
  public record Options(
      @Option(
              value =
                  "By how much the lowest frequency is divided; the target length over the original"
                      + " one unless given.",
              min = 1)
          OptionalDouble factor) {}

  private final Stretch stretch;

  @Inject
  NtkAwareInterpolation(Options options) {
    stretch = new Stretch(options.factor());
  }

  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    return NtkAwareScaling.stretched(embedding, stretch.exact(embedding, targetLength));
  }

  @Override
  public void check(RotaryEmbedding embedding, int targetLength, Problems problems) {
    stretch.check(embedding, targetLength, problems);
    Bases.check(embedding, problems);
  }
}
