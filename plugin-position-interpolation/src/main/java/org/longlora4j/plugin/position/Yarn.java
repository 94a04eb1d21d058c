package org.longlora4j.plugin.position;

import com.google.inject.Inject;
import java.util.Optional;
import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.api.position.YarnScaling;

/**
 * YaRN: dimensions that turn often within the original length stay as they are, those that turn
 * less than once are interpolated, with a ramp between (arXiv:2309.00071, section 3.2), and
 * attention is sharpened by a temperature (section 3.4).
 *
 * <p>Queries and keys are each multiplied by {@code 0.1 · ln(factor) + 1}, which is {@code sqrt(1 /
 * t)} of equation 22 and divides the logits by the temperature {@code t}.
 */
public final class Yarn implements PositionalScaling {
  /**
   * What a recipe says about {@code yarn}.
   *
   * @param factor by how much the lowest frequencies are divided, at least 1
   * @param betaFast turns within the original length above which a dimension stays as it is
   * @param betaSlow turns within the original length below which a dimension is interpolated
   * @param attentionFactor what queries and keys are multiplied by
   */
  public record Options(
      @Option(
              value =
                  "By how much the lowest frequencies are divided; the target length over the"
                      + " original one unless given.",
              min = 1)
          OptionalDouble factor,
      @Option(
              value =
                  "A dimension that turns more often than this within the original length stays as"
                      + " it is.",
              defaultValue = "32",
              min = 0)
          double betaFast,
      @Option(
              value =
                  "A dimension that turns less often than this within the original length is"
                      + " interpolated by the whole factor.",
              defaultValue = "1",
              min = 0)
          double betaSlow,
      @Option(
              value =
                  "What queries and keys are multiplied by; 0.1 · ln(factor) + 1 unless given. 1"
                      + " leaves attention as it is.",
              min = 0)
          OptionalDouble attentionFactor) {
    /**
     * Checks the ramp and the temperature.
     *
     * @throws IllegalArgumentException if beta-fast is not above beta-slow, beta-slow is not
     *     positive, or the attention factor is 0
     */
    public Options {
      if (!(betaSlow > 0 && betaFast > betaSlow)) {
        throw new IllegalArgumentException(
            "beta-slow is %s and beta-fast %s, must be above 0 and above beta-slow"
                .formatted(betaSlow, betaFast));
      }
      if (attentionFactor.isPresent() && !(attentionFactor.getAsDouble() > 0)) {
        throw new IllegalArgumentException(
            "attention-factor is 0, must be above it: scores would all be the same");
      }
    }
  }

  private final Options options;
  private final Stretch stretch;

  @Inject
  Yarn(Options options) {
    this.options = options;
    stretch = new Stretch(options.factor());
  }

  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    return new YarnScaling(
        stretch.exact(embedding, targetLength),
        options.betaFast(),
        options.betaSlow(),
        options.attentionFactor().stream().boxed().findFirst(),
        Optional.of(embedding.originalLength()),
        true);
  }

  @Override
  public void check(RotaryEmbedding embedding, int targetLength, Problems problems) {
    stretch.check(embedding, targetLength, problems);
  }
}
