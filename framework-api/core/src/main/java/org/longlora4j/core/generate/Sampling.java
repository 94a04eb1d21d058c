package org.longlora4j.core.generate;

import java.util.Arrays;
import java.util.BitSet;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * How the next token is chosen from the logits: transformers' logits processors, in its order.
 *
 * <p>First the repetition penalty (CTRL, arXiv:1909.05858, section 4.1). At a temperature of 0 the
 * likeliest token is taken then. Else the temperature divides the logits, and of what is left the
 * likeliest tokens stay, up to a number (arXiv:1805.04833, section 5.4) and up to a probability
 * (arXiv:1904.09751, section 3.1), among which a token is drawn.
 *
 * @param temperature divides the logits; 0 takes the likeliest
 * @param topK only so many of the likeliest tokens stay, with those as likely as the last of them;
 *     0 for all
 * @param topP only the likeliest tokens stay, so many that together they have this probability; 1
 *     for all
 * @param repetitionPenalty divides positive logits of tokens that are there already, in the prompt
 *     too, and multiplies negative ones; 1 for none
 * @param seed decides what is drawn
 */
public record Sampling(
    double temperature, int topK, double topP, double repetitionPenalty, long seed) {
  /**
   * Checks the ranges.
   *
   * @throws InvalidInputException if one is out of range, or would do nothing
   */
  public Sampling {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new InvalidInputException("--temperature is " + temperature + ", must be at least 0");
    }
    if (topK < 0) {
      throw new InvalidInputException("--top-k is " + topK + ", must be at least 1, or 0 for all");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new InvalidInputException("--top-p is " + topP + ", must be above 0 and at most 1");
    }
    if (!(repetitionPenalty > 0) || Double.isInfinite(repetitionPenalty)) {
      throw new InvalidInputException(
          "--repetition-penalty is " + repetitionPenalty + ", must be above 0");
    }
    if (temperature == 0 && (topK > 0 || topP < 1)) {
      throw new InvalidInputException(
          "--top-k and --top-p limit what is drawn, but at --temperature 0 nothing is: give a"
              + " temperature above 0, such as 1");
    }
  }

  /** Always the likeliest token. */
  public static Sampling likeliest() {
    return new Sampling(0, 0, 1, 1, 0);
  }

  /**
   * The probability of each token to be chosen.
   *
   * @param logits one for each token of the vocabulary
   * @param seen the tokens that are there already
   */
  double[] probabilities(float[] logits, BitSet seen) {
    float[] scores = penalized(logits, seen);
    if (temperature == 0) {
      double[] one = new double[scores.length];
      one[likeliest(scores)] = 1;
      return one;
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (float) (scores[i] / temperature);
    }
    keepMostLikely(scores);
    keepProbable(scores);
    return softmax(scores);
  }

  private float[] penalized(float[] logits, BitSet seen) {
    float[] scores = logits.clone();
    if (repetitionPenalty != 1) {
      seen.stream()
          .forEach(
              token -> {
                double score = scores[token];
                scores[token] =
                    (float) (score < 0 ? score * repetitionPenalty : score / repetitionPenalty);
              });
    }
    return scores;
  }

  private static int likeliest(float[] scores) {
    int likeliest = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[likeliest]) {
        likeliest = i;
      }
    }
    return likeliest;
  }

  private void keepMostLikely(float[] scores) {
    if (topK == 0 || topK >= scores.length) {
      return;
    }
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    float least = sorted[sorted.length - topK];
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] < least) {
        scores[i] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private void keepProbable(float[] scores) {
    if (topP == 1) {
      return;
    }
    double[] probabilities = softmax(scores);
    long[] ascending = new long[scores.length]; // a score in the upper half, its token in the lower
    for (int i = 0; i < scores.length; i++) {
      ascending[i] = (long) ordered(scores[i]) << Integer.SIZE | i;
    }
    Arrays.sort(ascending);
    double below = 0;
    for (int i = 0; i < ascending.length - 1; i++) {
      int token = (int) ascending[i];
      below += probabilities[token];
      if (below > 1 - topP) {
        return;
      }
      scores[token] = Float.NEGATIVE_INFINITY;
    }
  }

  /** An integer that is smaller where the number is. */
  private static int ordered(float number) {
    int bits = Float.floatToIntBits(number);
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  private static double[] softmax(float[] scores) {
    double highest = scores[likeliest(scores)];
    double[] probabilities = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      probabilities[i] = Math.exp(scores[i] - highest);
      sum += probabilities[i];
    }
    for (int i = 0; i < scores.length; i++) {
      probabilities[i] /= sum;
    }
    return probabilities;
  }
}
