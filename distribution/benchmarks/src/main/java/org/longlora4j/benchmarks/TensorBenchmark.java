package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.recipe.RecipeReader;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.tensor.TorchServices;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The engine, the plugins, and tensors of random numbers, made before any time is taken. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx2g", "-Dai.djl.offline=true", "-DOPT_OUT_TRACKING=true"})
public abstract class TensorBenchmark {
  private TorchServices services;
  private ExtensionRegistry registry;
  private NDManager owner;
  private Kernels decoder;

  /** Starts the engine and makes what is measured. */
  @Setup(Level.Trial)
  public final void start() {
    services = new TorchServices();
    services.engine().seed(1);
    registry = ExtensionRegistry.onClassPath(TensorBenchmark.class.getClassLoader());
    owner = services.engine().newManager();
    decoder = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    prepare();
  }

  /**
   * Makes what is measured, once the engine runs. JMH orders the set-up methods of a class and its
   * parent by their names, so that there is one.
   */
  abstract void prepare();

  /** Closes what {@link #owner} does not. */
  void close() {}

  /** Closes all tensors. */
  @TearDown(Level.Trial)
  public final void end() {
    close();
    owner.close();
    services.close();
  }

  final TorchServices services() {
    return services;
  }

  final NDManager owner() {
    return owner;
  }

  /** Computes one of the decoder's kernels, with a gradient of its own as in training. */
  final NDArray compute(String kernel, String ownGradient, Object... arguments) {
    return services.tapes().call(decoder, kernel, ownGradient, arguments);
  }

  /** Builds what a recipe's section would choose. */
  final <T> T extension(Class<T> point, String section) {
    RecipeReader reader = new RecipeReader(registry, RecipeLibrary.empty());
    return registry.create(reader.choose(point, section, Path.of("")), services);
  }

  /** Normally distributed numbers. */
  final NDArray normal(Precision precision, long... shape) {
    NDArray wide = owner.randomNormal(0, 0.02f, new Shape(shape), DataType.FLOAT32);
    if (precision == Precision.FLOAT32) {
      return wide;
    }
    try (wide) {
      return decoder.call(owner, "as_bfloat16", wide);
    }
  }

  /** The same, as a leaf that gradients are added up in. */
  final NDArray leaf(Precision precision, long... shape) {
    NDArray leaf = normal(precision, shape);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  /**
   * Runs forward and backward.
   *
   * @param forward what is recorded
   * @param gradient of its result
   */
  void thereAndBack(Supplier<NDArray> forward, NDArray gradient) {
    try (GradientTape tape = services.tapes().open(gradient.getManager());
        NDArray output = tape.record(forward)) {
      tape.backward(output, gradient);
    }
  }
}
