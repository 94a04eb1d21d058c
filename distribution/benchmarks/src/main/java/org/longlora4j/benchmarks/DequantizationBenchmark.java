package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Reads a quantized weight of 4096 × 4096 back, beside a copy of as many bytes as come out, which
 * is the limit.
 */
@State(Scope.Benchmark)
public class DequantizationBenchmark extends TensorBenchmark {
  private static final int SIZE = 4096;
  private static final int COPIED_AT_ONCE = 1 << 20;

  /** The quantizer. */
  @Param({"nf4", "fp4", "int8"})
  public String quantizer;

  /** The number format that is written. */
  @Param({"BFLOAT16", "FLOAT32"})
  public Precision precision;

  private QuantizedWeight weight;
  private NDArray target;
  private NDArray source;

  @Override
  void prepare() {
    Shape shape = new Shape(SIZE, SIZE);
    ModelModule module =
        new ModelModule(
            "model.layers.0.self_attn.q_proj", ModelModule.Kind.PROJECTION, shape, false);
    try (NDArray values = normal(Precision.FLOAT32, SIZE, SIZE)) {
      weight = extension(WeightQuantizer.class, quantizer).quantize(module, values, owner());
    }
    target = normal(precision, SIZE, SIZE);
    source = normal(precision, SIZE, SIZE);
  }

  /** Dequantizes. */
  @Benchmark
  public NDArray dequantize() {
    weight.dequantize(target, precision);
    return target;
  }

  /** Copies the bytes of a plain weight, on as many cores. */
  @Benchmark
  public NDArray copy() {
    ByteBuffer from = source.toByteBuffer(true);
    ByteBuffer to = target.toByteBuffer(true);
    IntStream.range(0, to.capacity() / COPIED_AT_ONCE)
        .parallel()
        .forEach(i -> to.put(i * COPIED_AT_ONCE, from, i * COPIED_AT_ONCE, COPIED_AT_ONCE));
    return target;
  }
}
