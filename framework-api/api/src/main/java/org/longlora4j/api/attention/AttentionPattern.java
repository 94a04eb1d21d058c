package org.longlora4j.api.attention;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.longlora4j.api.plugin.Problems;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * During training, in this layer, which positions may a query attend to?
 *
 * <p>A pattern acts in training only: the model that comes out attends densely. It sees one
 * document at a time: rows that hold padding or several documents are cut into documents before and
 * put together after, so a pattern never meets a position that must be hidden from all others.
 *
 * <p>A pattern is stateless and may be called from any thread. One that draws random numbers draws
 * them from PyTorch's generator, which is seeded before every run of a layer, so that a layer that
 * runs again in the backward pass draws the same.
 */
@ConsumerType
@ExtensionPoint("attention pattern")
public interface AttentionPattern {
  /**
   * Attends.
   *
   * <p>Scores are scaled by {@code 1 / sqrt(headDim)} and softmax runs in float32. The query heads
   * {@code h · heads / keyValueHeads … (h + 1) · heads / keyValueHeads - 1} share key and value
   * head {@code h}, as in grouped-query attention. Gradients must flow to all three inputs.
   *
   * @param query shape (batch, heads, length, headDim), rotary embedding applied
   * @param key shape (batch, keyValueHeads, length, headDim), rotary embedding applied
   * @param value shape (batch, keyValueHeads, length, headDim)
   * @param layer where in which model this happens
   * @return shape (batch, heads, length, headDim), attached to {@code query}'s manager
   */
  NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer);

  /**
   * What {@link #attend} costs. Told from shapes alone, so that memory and arithmetic can be
   * planned before anything is loaded.
   *
   * @param shape the shapes it would be called with
   * @param layer where it would be called
   */
  AttentionCost cost(AttentionShape shape, AttentionLayer layer);

  /**
   * Whether this pattern does nothing but call {@link CausalAttention}. What that gives can be kept
   * where layers run again in the backward pass ({@code recompute: keep-attention}); a pattern that
   * says no runs again with the rest of its layer.
   */
  default boolean attendsByCausalAttention() {
    return false;
  }

  /**
   * Reports why this pattern would not accept such a model and length, if it would not.
   *
   * @param shape the shapes of the model at the recipe's context length
   * @param problems collects what is wrong
   */
  default void check(AttentionShape shape, Problems problems) {}
}
