package org.longlora4j.plugin.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ProjectionAdapter;

/**
 * A frozen projection plus a low-rank product: {@code y = W x + alpha / rank · B A dropout(x)}.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">LoRA, section 4.1</a>
 */
final class LowRankAdapter implements ProjectionAdapter {
  private final LowRank product;
  private final LowRankKernels kernels;

  /** An adapter of one projection. */
  LowRankAdapter(LowRank product, LowRankKernels kernels) {
    this.product = product;
    this.kernels = kernels;
  }

  @Override
  public Map<String, Shape> parameters() {
    return product.parameters();
  }

  /**
   * {@inheritDoc}
   *
   * <p>A is drawn uniformly within ±1/√inFeatures, as PEFT does (Kaiming with a = √5), and B is
   * zero, so that a new adapter changes nothing.
   */
  @Override
  public Map<String, NDArray> initialize(
      FrozenProjection frozen, RandomGenerator random, NDManager owner) {
    Shape down = product.down();
    float bound = (float) (1 / Math.sqrt((double) down.get(1)));
    float[] values = new float[Math.toIntExact(down.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-bound, bound);
    }
    // A copy in memory of PyTorch's own is aligned as a tensor read from a file is; Java's buffer
    // may not be, and the last bits of a product can depend on that.
    try (NDArray drawn = owner.create(values, down)) {
      return Map.of(LowRank.DOWN, drawn.duplicate(), LowRank.UP, owner.zeros(product.up()));
    }
  }

  @Override
  public NDArray apply(
      NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters, boolean training) {
    try (NDArray output = frozen.apply(input)) {
      NDArray a = parameters.get(LowRank.DOWN);
      NDArray b = parameters.get(LowRank.UP);
      return kernels.add(product, output, input, a, b, training);
    }
  }

  @Override
  public long keptElements(long tokens) {
    return product.keptElements(tokens);
  }

  @Override
  public NDArray merge(NDArray weight, Map<String, NDArray> parameters) {
    return kernels.call(
        weight.getManager(),
        "merge",
        weight,
        parameters.get(LowRank.DOWN),
        parameters.get(LowRank.UP),
        product.scaling());
  }
}
