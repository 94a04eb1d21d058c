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

  /**
   * Told when a layer is done with its attention block and turns to its MLP.
   *
   * @param layer the layer, from 0
   */
  default void turnToMlp(int layer) {}
}
