package org.longlora4j.core.train;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.Supplier;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;

/** The format in which a matrix product takes less time here: measured when first asked for. */
public final class FasterPrecision implements Supplier<Precision> {
  private static final int TRIALS = 5;
  private static final int ROWS = 512;
  private static final int WIDTH = 1024;

  private final TorchServices services;
  private Precision measured;

  /**
   * Measures nothing yet.
   *
   * @param services the engine to measure
   */
  public FasterPrecision(TorchServices services) {
    this.services = requireNonNull(services, "services is null");
  }

  @Override
  public synchronized Precision get() {
    if (measured == null) {
      measured = measure();
    }
    return measured;
  }

  private Precision measure() {
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
