package org.longlora4j.core.generate;

import java.util.BitSet;
import java.util.SplittableRandom;

/** Chooses one token after another for one text. */
final class TokenChoice {
  private final Sampling sampling;
  private final SplittableRandom random;
  private final BitSet seen = new BitSet();

  /** Begins behind a prompt. */
  TokenChoice(Sampling sampling, int[] prompt) {
    this.sampling = sampling;
    random = new SplittableRandom(sampling.seed());
    for (int token : prompt) {
      seen.set(token);
    }
  }

  /** The next token, which counts as being there from now on. */
  int next(float[] logits) {
    double[] probabilities = sampling.probabilities(logits, seen);
    int token = drawn(probabilities, random.nextDouble());
    seen.set(token);
    return token;
  }

  /** The token at which the cumulative distribution passes {@code point}. */
  private static int drawn(double[] probabilities, double point) {
    double left = point;
    int last = 0;
    for (int token = 0; token < probabilities.length; token++) {
      if (probabilities[token] > 0) {
        last = token;
        left -= probabilities[token];
        if (left < 0) {
          break;
        }
      }
    }
    return last;
  }
}
