package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.ActivationMemory;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;

/**
 * What a recipe leaves to the machine, decided once and kept with the run: a resumed run takes the
 * same choices again, since a loss depends on them in its last bits.
 *
 * @param precision the number format of frozen weights and activations
 * @param recompute whether layers run again in the backward pass
 */
public record RunChoices(Precision precision, boolean recompute) {
  private static final int TRIALS = 5;
  private static final int ROWS = 512;
  private static final int WIDTH = 1024;
  private static final double SHARE_OF_MEMORY = 0.5;

  /** Takes what the recipe says, measures what it leaves open. */
  static RunChoices of(PreparedRun run, TorchServices services) {
    Precision precision =
        switch (run.recipe().training().precision()) {
          case FLOAT32 -> Precision.FLOAT32;
          case BFLOAT16 -> Precision.BFLOAT16;
          case AUTO -> fasterPrecision(services);
        };
    boolean recompute =
        recomputes(
            run.recipe(),
            run.checkpoint(),
            run.parts(),
            precision,
            new ProcessMemory().availableBytes());
    return new RunChoices(precision, recompute);
  }

  /**
   * Whether layers run again in the backward pass: always if weights are read back into one buffer
   * layer by layer, else as the recipe says or, if it leaves that open, if what the layers would
   * keep takes more than half of the memory.
   *
   * @param availableBytes the memory there is
   */
  public static boolean recomputes(
      Recipe recipe,
      Checkpoint checkpoint,
      PreparedRun.Parts parts,
      Precision precision,
      long availableBytes) {
    return PreparedRun.quantized(checkpoint, parts.plan(), parts.quantizer())
        || switch (recipe.training().recompute()) {
          case TRUE -> true;
          case FALSE -> false;
          case AUTO -> {
            ActivationMemory activations =
                PreparedRun.activations(recipe, checkpoint.config(), parts, precision);
            yield activations.keptBytes(0) > SHARE_OF_MEMORY * availableBytes;
          }
        };
  }

  /** The format in which a matrix product takes less time here. */
  private static Precision fasterPrecision(TorchServices services) {
    KernelCompiler compiler = services.compiler();
    Kernels kernels = compiler.compile(CausalLanguageModel.class, "decoder.py");
    try (NDManager scope = services.engine().newManager()) {
      NDArray input = scope.randomNormal(new Shape(ROWS, WIDTH));
      NDArray weight = scope.randomNormal(new Shape(WIDTH, WIDTH));
      NDArray narrowInput = kernels.call(scope, "as_bfloat16", input);
      NDArray narrowWeight = kernels.call(scope, "as_bfloat16", weight);
      double wide = medianSeconds(kernels, scope, input, weight);
      double narrow = medianSeconds(kernels, scope, narrowInput, narrowWeight);
      return narrow < wide ? Precision.BFLOAT16 : Precision.FLOAT32;
    }
  }

  private static double medianSeconds(
      Kernels kernels, NDManager scope, NDArray input, NDArray weight) {
    double[] seconds = new double[TRIALS];
    for (int i = 0; i < TRIALS; i++) {
      long start = System.nanoTime();
      NDArray product = Autograd.silent(() -> kernels.call(scope, "linear", input, weight));
      try (NDArray last = kernels.call(scope, "as_float32", product.get(ROWS - 1))) {
        last.getFloat(WIDTH - 1L); // waits for a device that works in the background
      }
      product.close();
      seconds[i] = (System.nanoTime() - start) / 1e9;
    }
    Arrays.sort(seconds);
    return seconds[TRIALS / 2];
  }
}
