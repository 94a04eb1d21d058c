package org.longlora4j.api.attention;

/**
 * What one attention call costs.
 *
 * @param pairs the (query, key) pairs that the pattern lets through under causality, summed over
 *     rows and heads; forward and backward together need {@code 12 · headDim} operations for each
 * @param workingElements the elements held at once beyond query, key, value and output: copies,
 *     folded views, masks
 */
public record AttentionCost(long pairs, long workingElements) {
  /** The pairs among {@code length} positions that each see themselves and all before them. */
  public static long causalPairs(long length) {
    return length * (length + 1) / 2;
  }
}
