package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.tensor.Autograd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One step over a square parameter. */
@State(Scope.Benchmark)
public class OptimizerBenchmark extends TensorBenchmark {
  /** The optimizer. */
  @Param({"adamw", "adamw-8bit"})
  public String optimizer;

  /** Its rows, and its columns. */
  @Param({"1024", "4096"})
  public int size;

  private Optimizer built;
  private NDArray parameter;
  private NDArray gradient;
  private Map<String, NDArray> state;
  private int step;

  @Override
  void prepare() {
    built = extension(Optimizer.class, optimizer);
    parameter = normal(Precision.FLOAT32, size, size);
    gradient = normal(Precision.FLOAT32, size, size);
    state = built.initialState(parameter.getShape(), owner());
    step = 0;
  }

  /** A step. */
  @Benchmark
  public NDArray step() {
    step++;
    return Autograd.silent(
        () -> {
          built.step(parameter, gradient, state, new Optimizer.Update(step, 1e-5, 1));
          return parameter;
        });
  }
}
