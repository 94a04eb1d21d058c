package org.longlora4j.plugin.position;

import java.util.OptionalDouble;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.RotaryEmbedding;

/**
 * By how much a context grows, from the length of pretraining: a checkpoint that was extended
 * before is extended anew.
 *
 * @param given what the recipe says, if it does
 */
record Stretch(OptionalDouble given) {
  /** What is given, or target over original; 1 for a target that is not longer. */
  double exact(RotaryEmbedding embedding, int targetLength) {
    return given.orElse(Math.max(1, (double) targetLength / embedding.originalLength()));
  }

  /** What is given, or target over original rounded up; 1 for a target that is not longer. */
  double roundedUp(RotaryEmbedding embedding, int targetLength) {
    return given.orElse(Math.ceil((double) targetLength / embedding.originalLength()));
  }

  /** As below, where target over original holds if no factor is given. */
  void check(RotaryEmbedding embedding, int targetLength, Problems problems) {
    double otherwise = new Stretch(OptionalDouble.empty()).exact(embedding, targetLength);
    check(otherwise, embedding, targetLength, problems);
  }

  /**
   * Reports a given factor that would shrink the context or is no number.
   *
   * @param otherwise what holds if none is given, for the message
   */
  void check(double otherwise, RotaryEmbedding embedding, int targetLength, Problems problems) {
    given.ifPresent(
        factor -> {
          if (!(factor >= 1) || Double.isInfinite(factor)) {
            problems.report(
                "factor",
                ("factor is %s, must be at least 1: leave it out for %s,"
                        + " %d tokens over the original %d")
                    .formatted(factor, otherwise, targetLength, embedding.originalLength()));
          }
        });
  }
}
