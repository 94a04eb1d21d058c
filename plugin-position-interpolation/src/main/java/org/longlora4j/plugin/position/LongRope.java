package org.longlora4j.plugin.position;

import com.google.inject.Inject;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.LongRopeScaling;
import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * LongRoPE: every dimension has a divisor of its own, found by search, one list for sequences up to
 * the original length and another beyond it (arXiv:2402.13753, section 3.2; the two lists, section
 * 3.3). The search is not part of this: the divisors are those that the paper's code, or a model's
 * config.json, gives.
 *
 * <p>In training each row turns by the list for its own length.
 */
public final class LongRope implements PositionalScaling {
  /**
   * What a recipe says about {@code longrope}.
   *
   * @param longFactor divisors beyond the original length, one for each pair of dimensions
   * @param shortFactor divisors up to the original length
   * @param factor target length over original length, which the temperature follows, at least 1
   * @param attentionFactor what queries and keys are multiplied by
   */
  public record Options(
      @Option(
              value =
                  "By how much the frequencies are divided beyond the original length, one number"
                      + " for each pair of rotated dimensions, the highest frequency first.",
              min = 0)
          List<Double> longFactor,
      @Option(
              value =
                  "The same up to the original length; all 1 unless given, which changes nothing"
                      + " there.",
              min = 0)
          Optional<List<Double>> shortFactor,
      @Option(
              value =
                  "What the attention factor follows; the target length over the original one"
                      + " unless given.",
              min = 1)
          OptionalDouble factor,
      @Option(
              value =
                  "What queries and keys are multiplied by; sqrt(1 + ln(factor) / ln(original))"
                      + " unless given.",
              min = 0)
          OptionalDouble attentionFactor) {
    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if a divisor or the attention factor is 0
     */
    public Options {
      longFactor = List.copyOf(longFactor);
      shortFactor = shortFactor.map(List::copyOf);
      requirePositive("long-factor", longFactor);
      shortFactor.ifPresent(divisors -> requirePositive("short-factor", divisors));
      if (attentionFactor.isPresent() && !(attentionFactor.getAsDouble() > 0)) {
        throw new IllegalArgumentException(
            "attention-factor is 0, must be above it: scores would all be the same");
      }
    }

    private static void requirePositive(String key, List<Double> divisors) {
      if (divisors.stream().anyMatch(divisor -> !(divisor > 0))) {
        throw new IllegalArgumentException(key + " has a 0 in it, must have divisors above 0");
      }
    }
  }

  private final Options options;
  private final Stretch stretch;

  @Inject
  LongRope(Options options) {
    this.options = options;
    stretch = new Stretch(options.factor());
  }

  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    return new LongRopeScaling(
        options
            .shortFactor()
            .orElseGet(() -> Collections.nCopies(options.longFactor().size(), 1.0)),
        options.longFactor(),
        Optional.of(stretch.exact(embedding, targetLength)),
        options.attentionFactor().stream().boxed().findFirst(),
        Optional.of(embedding.originalLength()));
  }

  @Override
  public void check(RotaryEmbedding embedding, int targetLength, Problems problems) {
    stretch.check(embedding, targetLength, problems);
    checkSize("long-factor", options.longFactor(), embedding, problems);
    options
        .shortFactor()
        .ifPresent(divisors -> checkSize("short-factor", divisors, embedding, problems));
  }

  private static void checkSize(
      String key, List<Double> divisors, RotaryEmbedding embedding, Problems problems) {
    int pairs = embedding.rotaryDim() / 2;
    if (divisors.size() != pairs) {
      problems.report(
          key,
          "has %d numbers, must have %d: one for each pair of the %d rotated dimensions"
              .formatted(divisors.size(), pairs, embedding.rotaryDim()));
    }
  }
}
