package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;

/** What a decoder layer does between its query, key and value projections and its output one. */
@FunctionalInterface
public interface LayerAttention extends LayerStages {
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
}
