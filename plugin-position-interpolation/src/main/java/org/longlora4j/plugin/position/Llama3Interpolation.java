package org.longlora4j.plugin.position;

import com.google.inject.Inject;
import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.Llama3Scaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * The scaling of Llama 3.1: dimensions that turn at least {@code high-freq-factor} times within the
 * original length stay as they are, those that turn at most {@code low-freq-factor} times are
 * divided by the factor, with a ramp between (formula of the code published with the model; The
 * Llama 3 Herd of Models, arXiv:2407.21783, section 3.4.2, tells how the model was trained at
 * length).
 */
public final class Llama3Interpolation implements PositionalScaling {
  /**
   * What a recipe says about {@code llama3}.
   *
   * @param factor by how much low frequencies are divided, at least 1
   * @param lowFreqFactor turns within the original length up to which a frequency is low
   * @param highFreqFactor turns within the original length from which a frequency is high
   */
  public record Options(
      @Option(
              value =
                  "By how much low frequencies are divided; the target length over the original one"
                      + " unless given.",
              min = 1)
          OptionalDouble factor,
      @Option(
              value =
                  "A dimension that turns at most so often within the original length is divided by"
                      + " the whole factor.",
              defaultValue = "1",
              min = 0)
          double lowFreqFactor,
      @Option(
              value =
                  "A dimension that turns at least so often within the original length stays as it"
                      + " is.",
              defaultValue = "4",
              min = 0)
          double highFreqFactor) {
    /**
     * Checks the ramp.
     *
     * @throws IllegalArgumentException if high-freq-factor is not above low-freq-factor
     */
    public Options {
      if (!(highFreqFactor > lowFreqFactor)) {
        throw new IllegalArgumentException(
            "high-freq-factor is %s, must be greater than low-freq-factor, which is %s"
                .formatted(highFreqFactor, lowFreqFactor));
      }
    }
  }

  private final Options options;
  private final Stretch stretch;

  @Inject
  Llama3Interpolation(Options options) {
    this.options = options;
    stretch = new Stretch(options.factor());
  }

  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    return new Llama3Scaling(
        stretch.exact(embedding, targetLength),
        options.lowFreqFactor(),
        options.highFreqFactor(),
        embedding.originalLength());
  }

  @Override
  public void check(RotaryEmbedding embedding, int targetLength, Problems problems) {
    stretch.check(embedding, targetLength, problems);
  }
}
