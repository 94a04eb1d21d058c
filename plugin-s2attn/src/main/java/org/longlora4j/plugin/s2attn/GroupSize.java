package org.longlora4j.plugin.s2attn;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.Problems;

/**
 * The length within which attention is dense, fixed or growing with the context.
 *
 * <p>It follows from the recipe's context and not from the document at hand: a shorter document has
 * fewer groups, not smaller ones.
 */
sealed interface GroupSize {
  /** The ratio that LongLoRA trains with (arXiv:2309.12307, section 3.2). */
  double PUBLISHED_RATIO = 0.25;

  /** The shortest group in which a query sees more than itself. */
  int SHORTEST = 2;

  /**
   * The size that two options ask for, of which at most one may be given.
   *
   * @throws IllegalArgumentException if both are given
   */
  static GroupSize of(OptionalDouble ratio, OptionalInt tokens) {
    if (ratio.isPresent() && tokens.isPresent()) {
      throw new IllegalArgumentException(
          "group-ratio and group-size are both given: they say the same, remove one of them");
    }
    return tokens.isPresent()
        ? new Fixed(tokens.getAsInt())
        : new Ratio(ratio.orElse(PUBLISHED_RATIO));
  }

  /** The group size in tokens, at least 1. */
  int tokens(int context);

  /** Reports a size that does not fit a context. */
  void check(int context, Problems problems);

  /** A number of tokens. */
  record Fixed(int size) implements GroupSize {
    @Override
    public int tokens(int context) {
      return Math.max(1, size);
    }

    @Override
    public void check(int context, Problems problems) {
      if (size < SHORTEST || size > context) {
        problems.report(
            "group-size",
            "group-size is %d, must be from %d to the context, %d tokens"
                .formatted(size, SHORTEST, context));
      }
    }
  }

  /** A fraction of the context, rounded down as the published code does. */
  record Ratio(double ratio) implements GroupSize {
    @Override
    public int tokens(int context) {
      return Math.max(1, (int) (context * ratio));
    }

    @Override
    public void check(int context, Problems problems) {
      if (!(ratio <= 1)) {
        problems.report("group-ratio", "group-ratio is %s, must be at most 1".formatted(ratio));
      } else if (!(context * ratio >= SHORTEST)) {
        problems.report(
            "group-ratio",
            ("group-ratio %s of a context of %d tokens makes groups of %d, must make at least %d:"
                    + " raise the ratio or the context")
                .formatted(ratio, context, tokens(context), SHORTEST));
      }
    }
  }
}
