package org.longlora4j.plugin.qlora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.train.Optimizer;

/**
 * AdamW whose moments are kept in 8 bits: the {@code adamw-8bit} of recipes, bitsandbytes' {@code
 * AdamW8bit}.
 *
 * <p>Each moment of a parameter is a byte an element and a float32 scale for each block of 256. A
 * step turns them into float32, updates moments and parameter, and turns the new moments back,
 * block by block. Parameters of less than 4096 elements keep their moments in float32.
 *
 * <p><a href="https://arxiv.org/abs/2110.02861">8-bit Optimizers via Block-wise Quantization</a>,
 * section 2; the update itself is arXiv:1711.05101, algorithm 2, in the order of {@code
 * torch.optim.AdamW}.
 */
public final class BlockwiseAdamW implements Optimizer {
  /** Elements that share a scale. */
  static final int BLOCK_SIZE = 256;

  /** Parameters with fewer elements keep float32 moments: bitsandbytes' {@code min_8bit_size}. */
  static final int SMALLEST = 4096;

  static final String EXP_AVG = "exp_avg";
  static final String EXP_AVG_SQ = "exp_avg_sq";
  static final String ABSMAX = "_absmax";

  private final Options options;
  private final KernelCompiler compiler;

  /**
   * What a recipe may say under {@code optimizer}.
   *
   * @param betas the decay rates of the first and second moment
   * @param eps keeps the division finite
   * @param weightDecay pulls parameters to zero, times the learning rate, at each step
   */
  public record Options(
      @Option(
              value = "The decay rates of the first and second moment, each at least 0 and below 1",
              defaultValue = "[0.9, 0.999]")
          List<Double> betas,
      @Option(value = "Keeps the division finite", defaultValue = "1e-8", min = 0) double eps,
      @Option(
              value = "Pulls parameters to zero at each step, times the learning rate",
              defaultValue = "0.0",
              min = 0)
          double weightDecay) {
    /**
     * Checks the rates.
     *
     * @throws IllegalArgumentException if there are not two, or one is out of range
     */
    public Options {
      betas = List.copyOf(betas);
      if (betas.size() != 2 || betas.stream().anyMatch(beta -> !(beta >= 0 && beta < 1))) {
        throw new IllegalArgumentException(
            "betas is " + betas + ", must be two numbers, each at least 0 and below 1");
      }
    }
  }

  /** An optimizer with the given settings. */
  @Inject
  public BlockwiseAdamW(Options options, KernelCompiler compiler) {
    this.options = options;
    this.compiler = compiler;
  }

  @Override
  public Map<String, NDArray> initialState(Shape shape, NDManager owner) {
    Map<String, NDArray> state = new LinkedHashMap<>();
    for (String moment : List.of(EXP_AVG, EXP_AVG_SQ)) {
      if (isEightBit(shape)) {
        state.put(moment, owner.zeros(new Shape(shape.size()), DataType.UINT8));
        state.put(moment + ABSMAX, owner.zeros(new Shape(blocks(shape))));
      } else {
        state.put(moment, owner.zeros(shape));
      }
    }
    return state;
  }

  @Override
  public long stateBytes(Shape shape) {
    return isEightBit(shape)
        ? 2 * (shape.size() + blocks(shape) * Float.BYTES)
        : 2 * shape.size() * Float.BYTES;
  }

  private static boolean isEightBit(Shape shape) {
    return shape.size() >= SMALLEST;
  }

  private static long blocks(Shape shape) {
    return (shape.size() + BLOCK_SIZE - 1) / BLOCK_SIZE;
  }

  @Override
  public void step(NDArray parameter, NDArray gradient, Map<String, NDArray> state, Update update) {
    AdamWStep step = AdamWStep.of(options, update);
    if (!isInBuffersReach(parameter)) {
      new KernelUpdate(compiler.compile(BlockwiseAdamW.class, "adamw8.py"))
          .update(parameter, gradient, state, step);
    } else if (state.containsKey(EXP_AVG + ABSMAX)) {
      MemoryUpdate.eightBit(parameter, gradient, state, step);
    } else {
      MemoryUpdate.plain(parameter, gradient, state, step);
    }
  }

  /** A buffer reaches tensors on the CPU below 2 GiB. */
  private static boolean isInBuffersReach(NDArray parameter) {
    return parameter.getDevice().equals(Device.cpu())
        && parameter.size() <= Integer.MAX_VALUE / Float.BYTES;
  }
}
