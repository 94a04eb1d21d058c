package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.train.Optimizer;

/**
 * Adam with decoupled weight decay (arXiv:1711.05101, algorithm 2), as {@code torch.optim.AdamW}
 * computes it: the built-in {@code adamw}.
 */
public final class AdamW implements Optimizer {
  private static final String EXP_AVG = "exp_avg";
  private static final String EXP_AVG_SQ = "exp_avg_sq";

  private final Options options;
  private final Kernels kernels;

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
  public AdamW(Options options, KernelCompiler compiler) {
    this.options = options;
    kernels = compiler.compile(AdamW.class, "optimizer.py");
  }

  @Override
  public Map<String, NDArray> initialState(Shape shape, NDManager owner) {
    return Map.of(EXP_AVG, owner.zeros(shape), EXP_AVG_SQ, owner.zeros(shape));
  }

  @Override
  public long stateBytes(Shape shape) {
    return 2 * shape.size() * Float.BYTES;
  }

  @Override
  public void step(NDArray parameter, NDArray gradient, Map<String, NDArray> state, Update update) {
    double beta1 = options.betas().get(0);
    double beta2 = options.betas().get(1);
    double correction1 = 1 - Math.pow(beta1, update.step());
    double correction2 = 1 - Math.pow(beta2, update.step());
    kernels
        .call(
            gradient.getManager(),
            "adamw",
            parameter,
            gradient,
            state.get(EXP_AVG),
            state.get(EXP_AVG_SQ),
            update.gradientScale(),
            1 - update.learningRate() * options.weightDecay(),
            beta1,
            beta2,
            update.learningRate() / correction1,
            Math.sqrt(correction2),
            options.eps())
        .close();
  }
}
