package org.longlora4j.plugin.lora;

import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The low-rank product of one projection: {@code scaling · B A}.
 *
 * @param rank the inner dimension
 * @param scaling the factor
 * @param dropout how likely an element of its input is zeroed in training
 * @param weight the shape of the projection's weight, (outFeatures, inFeatures)
 */
record LowRank(int rank, double scaling, double dropout, Shape weight) {
  /** The name of A. */
  static final String DOWN = "lora_A.weight";

  /** The name of B. */
  static final String UP = "lora_B.weight";

  /** A, (rank, inFeatures). */
  Shape down() {
    return new Shape(rank, weight.get(1));
  }

  /** B, (outFeatures, rank). */
  Shape up() {
    return new Shape(weight.get(0), rank);
  }

  /** Both, in the order in which PEFT saves them. */
  Map<String, Shape> parameters() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(DOWN, down());
    shapes.put(UP, up());
    return Collections.unmodifiableMap(shapes);
  }

  /** Two products of this rank, side by side. */
  LowRank doubled() {
    return new LowRank(2 * rank, scaling, dropout, weight);
  }

  /**
   * The elements that one training call leaves to the backward pass: dropout's mask and what it
   * lets through, the product with A before and after it is scaled, and both matrices in the
   * session's precision.
   *
   * @param tokens of the input
   */
  long keptElements(long tokens) {
    long dropped = dropout > 0 ? 2 * tokens * weight.get(1) : 0;
    return dropped + 2 * tokens * rank + down().size() + up().size();
  }

  /** The dropout that applies. */
  double dropout(boolean training) {
    return training ? dropout : 0;
  }
}
