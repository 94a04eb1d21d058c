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
   * The elements that one training call of {@link LowRankKernels#add} leaves to the backward pass:
   * dropout's mask, of one byte an element, which is half of one in bfloat16 and a quarter in
   * float32. It counts as half.
   *
   * @param tokens of the input
   */
  long keptElements(long tokens) {
    return dropout > 0 ? (tokens * weight.get(1) + 1) / 2 : 0;
  }

  /** The dropout that applies. */
  double dropout(boolean training) {
    return training ? dropout : 0;
  }
}
