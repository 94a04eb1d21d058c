package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.tensor.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What a decoder layer does between its products: 4096 tokens, hidden size 2048, intermediate size
 * 5632, forward and backward.
 */
@State(Scope.Benchmark)
public class DecoderBenchmark extends TensorBenchmark {
  private static final int TOKENS = 4096;
  private static final int HIDDEN = 2048;
  private static final int INTERMEDIATE = 5632;
  private static final int HEADS = 32;
  private static final int HEAD_DIM = HIDDEN / HEADS;
  private static final double EPSILON = 1e-6;

  /** The number format of activations. */
  @Param({"BFLOAT16", "FLOAT32"})
  public Precision precision;

  private NDArray hidden;
  private NDArray hiddenGradient;
  private NDArray norm;
  private NDArray gate;
  private NDArray up;
  private NDArray wideGradient;
  private NDArray cos;
  private NDArray sin;
  private NDArray headsGradient;

  @Override
  void prepare() {
    hidden = leaf(precision, 1, TOKENS, HIDDEN);
    hiddenGradient = normal(precision, 1, TOKENS, HIDDEN);
    norm = leaf(Precision.FLOAT32, HIDDEN);
    gate = leaf(precision, 1, TOKENS, INTERMEDIATE);
    up = leaf(precision, 1, TOKENS, INTERMEDIATE);
    wideGradient = normal(precision, 1, TOKENS, INTERMEDIATE);
    cos = normal(Precision.FLOAT32, TOKENS, HEAD_DIM);
    sin = normal(Precision.FLOAT32, TOKENS, HEAD_DIM);
    headsGradient = normal(precision, 1, HEADS, TOKENS, HEAD_DIM);
  }

  /** RMS norm. */
  @Benchmark
  public void norm() {
    thereAndBack(() -> decoder().call(owner(), "rms_norm", hidden, norm, EPSILON), hiddenGradient);
  }

  /** The rotary embedding of all heads. */
  @Benchmark
  public void rotary() {
    thereAndBack(
        () -> decoder().call(owner(), "rotate_heads", hidden, HEADS, cos, sin, 0), headsGradient);
  }

  /** The gate of the MLP. */
  @Benchmark
  public void swiglu() {
    thereAndBack(() -> decoder().call(owner(), "swiglu", gate, up), wideGradient);
  }
}
