package org.longlora4j.plugin.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ProjectionAdapter;

/**
 * A projection split into the magnitude of each row of its weight, which trains, and its direction,
 * which a low-rank product turns: {@code y = m / |V| · V x} with {@code V = W + alpha / rank · B
 * A}.
 *
 * <p>{@code |V|} counts as a constant in the backward pass (section 4.3), and is computed from W, A
 * and B without V. Dropout, where there is any, applies to what the adapter adds to the frozen
 * layer's output, as in PEFT.
 *
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al., DoRA: Weight-Decomposed Low-Rank
 *     Adaptation, section 4, equation 5</a>
 */
final class DecomposedAdapter implements ProjectionAdapter {
  private static final String MAGNITUDE = "lora_magnitude_vector";

  private final LowRank product;
  private final LowRankAdapter matrices;
  private final LowRankKernels kernels;

  /** An adapter of one projection. */
  DecomposedAdapter(LowRank product, LowRankKernels kernels) {
    this.product = product;
    this.matrices = new LowRankAdapter(product, kernels);
    this.kernels = kernels;
  }

  @Override
  public Map<String, Shape> parameters() {
    Map<String, Shape> shapes = new LinkedHashMap<>(matrices.parameters());
    shapes.put(MAGNITUDE, new Shape(product.weight().get(0)));
    return Collections.unmodifiableMap(shapes);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The magnitudes are those of the frozen weight, A and B are drawn as LoRA's, so that a new
   * adapter changes nothing.
   */
  @Override
  public Map<String, NDArray> initialize(
      FrozenProjection frozen, RandomGenerator random, NDManager owner) {
    Map<String, NDArray> parameters = new HashMap<>(matrices.initialize(frozen, random, owner));
    parameters.put(MAGNITUDE, kernels.call(owner, "row_norms", frozen.weight()));
    return parameters;
  }

  @Override
  public NDArray apply(
      NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters, boolean training) {
    return product.dropout(training) > 0
        ? dropped(input, frozen, parameters)
        : whole(input, frozen, parameters);
  }

  private NDArray whole(NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters) {
    NDManager owner = input.getManager();
    NDArray projected =
        kernels.call(
            owner,
            "decomposed",
            input,
            frozen.weight(),
            parameters.get(LowRank.DOWN),
            parameters.get(LowRank.UP),
            parameters.get(MAGNITUDE),
            product.scaling());
    if (frozen.bias().isEmpty()) {
      return projected;
    }
    try (projected) {
      return kernels.call(owner, "add_bias", projected, frozen.bias().get());
    }
  }

  private NDArray dropped(NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters) {
    try (NDArray output = frozen.apply(input)) {
      return kernels.call(
          input.getManager(),
          "decomposed_dropped",
          output,
          input,
          frozen.weight(),
          parameters.get(LowRank.DOWN),
          parameters.get(LowRank.UP),
          parameters.get(MAGNITUDE),
          product.scaling(),
          product.dropout());
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>What autograd keeps: dropout's mask and what it lets through, the product with A before and
   * after it is scaled, both matrices in the session's precision, and the output before it is
   * scaled to its magnitude.
   */
  @Override
  public long keptElements(long tokens) {
    long dropped = product.dropout() > 0 ? 2 * tokens * product.weight().get(1) : 0;
    long inner = 2 * tokens * product.rank();
    long matrices = product.down().size() + product.up().size();
    return dropped + inner + matrices + tokens * product.weight().get(0);
  }

  @Override
  public NDArray merge(NDArray weight, Map<String, NDArray> parameters) {
    return kernels.call(
        weight.getManager(),
        "merge_decomposed",
        weight,
        parameters.get(LowRank.DOWN),
        parameters.get(LowRank.UP),
        parameters.get(MAGNITUDE),
        product.scaling());
  }
}
