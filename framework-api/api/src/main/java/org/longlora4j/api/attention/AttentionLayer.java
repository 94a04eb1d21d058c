package org.longlora4j.api.attention;

/**
 * Where attention happens.
 *
 * @param index the layer, from 0
 * @param layers how many layers the model has
 * @param context the recipe's target length in tokens; a document that is attended may be shorter
 */
public record AttentionLayer(int index, int layers, int context) {
  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if {@code index} is not within {@code layers} or {@code
   *     context} is not positive
   */
  public AttentionLayer {
    if (index < 0 || index >= layers) {
      throw new IllegalArgumentException("layer " + index + " is not within 0…" + (layers - 1));
    }
    if (context < 1) {
      throw new IllegalArgumentException("context is " + context + ", must be positive");
    }
  }
}
