package org.longlora4j.api.attention;

/**
 * The shapes of one attention call.
 *
 * @param batch rows
 * @param heads query heads
 * @param keyValueHeads key and value heads, a divisor of {@code heads}
 * @param length tokens
 * @param headDim the size of one head
 */
public record AttentionShape(int batch, int heads, int keyValueHeads, int length, int headDim) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a number is not positive, or if {@code keyValueHeads} does
   *     not divide {@code heads}
   */
  public AttentionShape {
    if (batch < 1 || heads < 1 || keyValueHeads < 1 || length < 1 || headDim < 1) {
      throw new IllegalArgumentException("every dimension must be positive");
    }
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          keyValueHeads + " key and value heads do not divide " + heads + " heads");
    }
  }
}
