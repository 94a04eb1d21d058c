package org.longlora4j.plugin.position;

import com.google.inject.Inject;
import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * Position Interpolation: positions of the target length are divided by one factor, so that they
 * fall within those of pretraining (arXiv:2306.15595, section 2.3). LongLoRA's own scaling
 * (arXiv:2309.12307).
 *
 * <p>Unless given, the factor is the target length over the original one, rounded up as the
 * published LongLoRA code does; 1 if the target is not longer.
 */
public final class LinearInterpolation implements PositionalScaling {
  /**
   * What a recipe says about {@code linear}.
   *
   * @param factor by how much positions are divided, at least 1
   */
  public record Options(
      @Option(
              value =
                  "By how much positions are divided; the target length over the original one,"
                      + " rounded up, unless given.",
              min = 1)
          OptionalDouble factor) {}

  private final Stretch stretch;

  @Inject
  LinearInterpolation(Options options) {
    stretch = new Stretch(options.factor());
  }

  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    return new LinearScaling(stretch.roundedUp(embedding, targetLength));
  }

  @Override
  public void check(RotaryEmbedding embedding, int targetLength, Problems problems) {
    double otherwise = new Stretch(OptionalDouble.empty()).roundedUp(embedding, targetLength);
    stretch.check(otherwise, embedding, targetLength, problems);
  }
}
