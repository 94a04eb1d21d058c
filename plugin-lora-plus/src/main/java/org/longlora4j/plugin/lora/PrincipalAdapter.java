package org.longlora4j.plugin.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ProjectionAdapter;

/**
 * A new adapter whose product does not begin at zero, but at the best approximation of a matrix:
 * the weight itself (PiSSA), or what quantization took from it (LoftQ).
 *
 * <p>A and B have twice the rank. Their first half trains; the second is what that half began as,
 * with the sign of B turned, and never changes. So together they are the difference that training
 * has made, which is an ordinary LoRA adapter of twice the rank over the base as it is: the form
 * that PEFT converts a PiSSA adapter to, and that every tool loads. (Weight decay pulls both halves
 * alike, and so the difference to zero.)
 *
 * <p>While it trains, PiSSA's frozen part is the base less its principal part, which both halves
 * together give. LoftQ's is the quantized base as it is, to which the first half alone is added.
 */
final class PrincipalAdapter implements ProjectionAdapter {
  /** Up to this many rows or columns the decomposition is exact; it takes seconds there. */
  private static final long EXACT = 1024;

  // As PEFT's pissa_niter_16, and the surplus of columns that arXiv:0909.4061 recommends.
  private static final int ITERATIONS = 16;
  private static final int SURPLUS = 10;

  private final LowRank half;
  private final Initialization initialization;
  private final LowRankAdapter saved;
  private final LowRankKernels kernels;

  /**
   * An adapter of one projection.
   *
   * @param half the product that trains
   * @param initialization PiSSA or LoftQ
   */
  PrincipalAdapter(LowRank half, Initialization initialization, LowRankKernels kernels) {
    this.half = half;
    this.initialization = initialization;
    this.saved = new LowRankAdapter(half.doubled(), kernels);
    this.kernels = kernels;
  }

  @Override
  public Map<String, Shape> parameters() {
    return saved.parameters();
  }

  @Override
  public boolean beginsWithQuantizationError() {
    return initialization == Initialization.LOFTQ;
  }

  @Override
  public Map<String, NDArray> initialize(
      FrozenProjection frozen, RandomGenerator random, NDManager owner) {
    if (initialization == Initialization.PISSA) {
      return principal(frozen.weight(), random, owner);
    }
    try (NDManager scope = owner.newSubManager()) {
      NDArray original =
          frozen
              .original(scope)
              .orElseThrow(() -> new IllegalStateException("the weight is not quantized"));
      NDArray lost = kernels.call(scope, "difference", original, frozen.weight());
      return principal(lost, random, owner);
    }
  }

  private Map<String, NDArray> principal(NDArray matrix, RandomGenerator random, NDManager owner) {
    long rows = half.weight().get(0);
    long columns = half.weight().get(1);
    NDList factors;
    if (Math.min(rows, columns) <= EXACT) {
      factors = kernels.callAll(owner, "principal", matrix, half.rank(), half.scaling());
    } else {
      long width = Math.min(half.rank() + SURPLUS, Math.min(rows, columns));
      try (NDArray probe = gaussian(new Shape(columns, width), random, owner)) {
        factors =
            kernels.callAll(
                owner, "principal_near", matrix, probe, half.rank(), half.scaling(), ITERATIONS);
      }
    }
    return Map.of(LowRank.DOWN, factors.get(0), LowRank.UP, factors.get(1));
  }

  private static NDArray gaussian(Shape shape, RandomGenerator random, NDManager owner) {
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return owner.create(values, shape);
  }

  @Override
  public NDArray apply(
      NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters, boolean training) {
    NDManager owner = input.getManager();
    String used = initialization == Initialization.PISSA ? "half_frozen" : "first_half";
    try (NDArray output = frozen.apply(input);
        NDArray a = kernels.call(owner, used, parameters.get(LowRank.DOWN), 0);
        NDArray b = kernels.call(owner, used, parameters.get(LowRank.UP), 1)) {
      return kernels.add(half, output, input, a, b, training);
    }
  }

  @Override
  public long keptElements(long tokens) {
    LowRank whole = half.doubled();
    long copies = // float32, two elements each at the most
        initialization == Initialization.PISSA ? 2 * (whole.down().size() + whole.up().size()) : 0;
    return half.keptElements(tokens) + copies;
  }

  @Override
  public NDArray merge(NDArray weight, Map<String, NDArray> parameters) {
    return saved.merge(weight, parameters);
  }
}
