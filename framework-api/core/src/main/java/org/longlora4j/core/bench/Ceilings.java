package org.longlora4j.core.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import java.util.function.Supplier;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;

/**
 * The rates that no training step exceeds on this machine, each the best of several trials.
 *
 * @param float32Gflops of a float32 matrix product, in 10⁹ operations a second
 * @param bfloat16Gflops of a bfloat16 matrix product
 * @param copyGigabytesPerSecond of a copy in memory, in 10⁹ bytes read and bytes written
 */
public record Ceilings(double float32Gflops, double bfloat16Gflops, double copyGigabytesPerSecond) {
  private static final int ROWS = 2048;
  private static final int INPUTS = 2048;
  private static final int OUTPUTS = 4096;
  private static final double PRODUCT = 2.0 * ROWS * INPUTS * OUTPUTS;
  private static final int COPIED_ELEMENTS = 1 << 25;

  private static final int LEAST_TRIALS = 4; // the first also warms up
  private static final long LEAST_NANOSECONDS = 400_000_000;

  /** Measures all; takes some seconds. */
  public static Ceilings measure(TorchServices services) {
    try (Trial trial = new Trial(services)) {
      return new Ceilings(trial.float32(), trial.bfloat16(), trial.copy());
    }
  }

  /** The rate of the faster of the two products, in 10⁹ operations a second. */
  public double productGflops() {
    return Math.max(float32Gflops, bfloat16Gflops);
  }

  /** Measures the product that was the faster one once more, in 10⁹ operations a second. */
  double productGflopsNow(TorchServices services) {
    try (Trial trial = new Trial(services)) {
      return bfloat16Gflops > float32Gflops ? trial.bfloat16() : trial.float32();
    }
  }

  /** The tensors of one measurement. */
  private static final class Trial implements AutoCloseable {
    private final TorchServices services;
    private final DeviceBarrier barrier;
    private final NDManager manager;
    private final Kernels kernels;

    Trial(TorchServices services) {
      this.services = services;
      barrier = new DeviceBarrier(services.engine());
      manager = services.engine().newManager();
      kernels = services.compiler().compile(Ceilings.class, "ceilings.py");
    }

    double float32() {
      try (NDManager scope = manager.newSubManager()) {
        NDArray input = scope.randomNormal(new Shape(ROWS, INPUTS));
        NDArray weight = scope.randomNormal(new Shape(OUTPUTS, INPUTS));
        double plain = rate(PRODUCT, () -> kernels.call(scope, "product", input, weight));
        double other =
            oneDnn()
                .map(own -> rate(PRODUCT, () -> own.call(scope, "product", input, weight)))
                .orElse(0.0);
        return Math.max(plain, other);
      }
    }

    /** PyTorch's other library for float32 products, where it was built with it. */
    private Optional<Kernels> oneDnn() {
      if (services.engine().device().isGpu()) {
        return Optional.empty();
      }
      try {
        return Optional.of(services.compiler().compile(Ceilings.class, "onednn.py"));
      } catch (IllegalArgumentException e) {
        return Optional.empty(); // it has no such operation
      }
    }

    double bfloat16() {
      try (NDManager scope = manager.newSubManager()) {
        NDArray input = narrow(scope, ROWS, INPUTS);
        NDArray weight = narrow(scope, OUTPUTS, INPUTS);
        return rate(PRODUCT, () -> kernels.call(scope, "product", input, weight));
      }
    }

    private NDArray narrow(NDManager scope, long... shape) {
      try (NDArray wide = scope.randomNormal(new Shape(shape))) {
        return kernels.call(scope, "as_bfloat16", wide);
      }
    }

    double copy() {
      try (NDManager scope = manager.newSubManager()) {
        NDArray source = scope.ones(new Shape(COPIED_ELEMENTS));
        NDArray target = scope.zeros(new Shape(COPIED_ELEMENTS));
        double bytes = 2.0 * COPIED_ELEMENTS * Float.BYTES;
        return rate(bytes, () -> kernels.call(scope, "copy", target, source));
      }
    }

    /** The best of some trials, in 10⁹ of {@code amount} a second. */
    private double rate(double amount, Supplier<NDArray> work) {
      long begin = System.nanoTime();
      long best = Long.MAX_VALUE;
      for (int i = 0; i < LEAST_TRIALS || System.nanoTime() - begin < LEAST_NANOSECONDS; i++) {
        long start = System.nanoTime();
        NDArray result = Autograd.silent(work);
        barrier.await();
        best = Math.min(best, System.nanoTime() - start);
        result.close();
      }
      return amount / best;
    }

    @Override
    public void close() {
      manager.close();
      barrier.close();
    }
  }
}
