package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;

/** What a decoder layer does between its query, key and value projections and its output one. */
@FunctionalInterface
public interface LayerAttention {
  /**
   * Turns queries and keys by their positions, and attends.
   *
   * @param layer the layer, from 0
   * @param query shape (batch, length, heads · headDim), as projected
   * @param key shape (batch, length, keyValueHeads · headDim), as projected
   * @param value shape (batch, length, keyValueHeads · headDim), as projected
   * @return shape (batch, length, heads · headDim), attached to {@code query}'s manager
   */
  NDArray attend(int layer, NDArray query, NDArray key, NDArray value);

  /** Told when a layer turns to its MLP. */
  default void turnToMlp() {}

  /** Told when the backward pass runs an MLP again. */
  default void turnToRecomputation() {}

  /** Told when that is done, and gradients go back through it. */
  default void turnToGradients() {}
}
