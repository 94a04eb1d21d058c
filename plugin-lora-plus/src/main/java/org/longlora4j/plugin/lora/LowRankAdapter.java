package org.longlora4j.plugin.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/**
 * A frozen projection plus a low-rank product: {@code y = W x + alpha / rank · B A dropout(x)}.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">LoRA, section 4.1</a>
 */
final class LowRankAdapter implements ProjectionAdapter {
  private static final String DOWN = "lora_A.weight";
  private static final String UP = "lora_B.weight";

  private final LoraSettings settings;
  private final Shape down; // (rank, inFeatures)
  private final Shape up; // (outFeatures, rank)
  private final Kernels kernels;

  /**
   * An adapter of one projection.
   *
   * @param weight the shape of the projection's weight, (outFeatures, inFeatures)
   * @param kernels what {@link #compile} gave
   */
  LowRankAdapter(LoraSettings settings, Shape weight, Kernels kernels) {
    this.settings = settings;
    this.down = new Shape(settings.rank(), weight.get(1));
    this.up = new Shape(weight.get(0), settings.rank());
    this.kernels = kernels;
  }

  /** The kernels that adapters need. */
  static Kernels compile(KernelCompiler compiler) {
    return compiler.compile(LowRankAdapter.class, "lora.py");
  }

  @Override
  public Map<String, Shape> parameters() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    shapes.put(DOWN, down);
    shapes.put(UP, up);
    return Collections.unmodifiableMap(shapes);
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
    float bound = (float) (1 / Math.sqrt((double) down.get(1)));
    float[] values = new float[Math.toIntExact(down.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-bound, bound);
    }
    // A copy in memory of PyTorch's own is aligned as a tensor read from a file is; Java's buffer
    // may not be, and the last bits of a product can depend on that.
    try (NDArray drawn = owner.create(values, down)) {
      return Map.of(DOWN, drawn.duplicate(), UP, owner.zeros(up));
    }
  }

  @Override
  public NDArray apply(
      NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters, boolean training) {
    try (NDArray output = frozen.apply(input)) {
      return kernels.call(
          input.getManager(),
          "add_low_rank",
          output,
          input,
          parameters.get(DOWN),
          parameters.get(UP),
          settings.scaling(),
          training ? settings.dropout() : 0.0);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Dropout's mask and what it lets through, the product with A before and after it is scaled,
   * and both matrices in the session's precision.
   */
  @Override
  public long keptElements(long tokens) {
    long dropped = settings.dropout() > 0 ? 2 * tokens * down.get(1) : 0;
    return dropped + 2 * tokens * down.get(0) + down.size() + up.size();
  }

  @Override
  public NDArray merge(NDArray weight, Map<String, NDArray> parameters) {
    return kernels.call(
        weight.getManager(),
        "merge",
        weight,
        parameters.get(DOWN),
        parameters.get(UP),
        settings.scaling());
  }
}
