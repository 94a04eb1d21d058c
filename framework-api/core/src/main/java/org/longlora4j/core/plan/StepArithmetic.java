package org.longlora4j.core.plan;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The arithmetic of one optimizer step by part, in floating-point operations; a multiplication and
 * the addition of its result are two.
 *
 * @param parts each part once
 */
public record StepArithmetic(List<Part> parts) {
  /** Copies the parts. */
  public StepArithmetic {
    parts = List.copyOf(parts);
  }

  /**
   * One part's operations.
   *
   * @param name the part
   * @param needed what the step cannot do without: forward, and backward to every gradient that is
   *     wanted
   * @param forward carried out in the forward pass
   * @param recomputation carried out again in the backward pass, where layers run again
   * @param backward carried out in the backward pass proper
   */
  public record Part(Name name, long needed, long forward, long recomputation, long backward) {
    /** All that is carried out. */
    public long carriedOut() {
      return forward + recomputation + backward;
    }
  }

  /** The parts of a step that cost more than a pass over memory. */
  public enum Name {
    /** The products with query, key, value and output weights. */
    PROJECTIONS,
    /** Scores and weighted sums, over the pairs that the attention pattern lets through. */
    ATTENTION,
    /** The products with gate, up and down weights. */
    MLP,
    /** The products with the adapters' matrices. */
    ADAPTERS,
    /** The product with the vocabulary, and its gradient. */
    HEAD
  }

  /** What the step cannot do without. */
  public long needed() {
    return sum(Part::needed);
  }

  /**
   * The same without the adapters' products, so that ways to train the same model are measured by
   * one yardstick: four operations a token and element of a frozen weight, and twelve a pair and
   * element of a head.
   */
  public long neededByModel() {
    return sum(part -> part.name() == Name.ADAPTERS ? 0 : part.needed());
  }

  /** All that is carried out. */
  public long carriedOut() {
    return sum(Part::carriedOut);
  }

  private long sum(ToLongFunction<Part> of) {
    return parts.stream().mapToLong(of).sum();
  }
}
