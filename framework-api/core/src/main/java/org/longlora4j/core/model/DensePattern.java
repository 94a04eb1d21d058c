package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import jakarta.inject.Inject;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.attention.CausalAttention;

/** Every position attends to itself and to all before it: the built-in {@code dense}. */
public final class DensePattern implements AttentionPattern {
  private final CausalAttention attention;

  /** Attends by what the framework offers to all patterns. */
  @Inject
  public DensePattern(CausalAttention attention) {
    this.attention = attention;
  }

  @Override
  public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
    return attention.attend(query, key, value);
  }

  @Override
  public boolean attendsByCausalAttention() {
    return true;
  }

  @Override
  public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
    long rows = (long) shape.batch() * shape.heads();
    long repeated = shape.heads() == shape.keyValueHeads() ? 0 : 2L * rows * shape.length();
    return new AttentionCost(
        rows * AttentionCost.causalPairs(shape.length()), repeated * shape.headDim());
  }
}
