package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.tensor.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What a decoder layer does between its products, forward and backward: heads of 64, and an MLP
 * 2.75 times as wide as the hidden states.
 */
@State(Scope.Benchmark)
public class DecoderBenchmark extends TensorBenchmark {
  private static final int HEAD_DIM = 64;
  private static final double EPSILON = 1e-6;

  /** Tokens. */
  @Param("4096")
  public int tokens;

  /** The width of the hidden states. */
  @Param({"512", "2048"})
  public int width;

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
    int heads = width / HEAD_DIM;
    int intermediate = width / 4 * 11;
    hidden = leaf(precision, 1, tokens, width);
    hiddenGradient = normal(precision, 1, tokens, width);
    norm = leaf(Precision.FLOAT32, width);
    gate = leaf(precision, 1, tokens, intermediate);
    up = leaf(precision, 1, tokens, intermediate);
    wideGradient = normal(precision, 1, tokens, intermediate);
    cos = normal(Precision.FLOAT32, tokens, HEAD_DIM);
    sin = normal(Precision.FLOAT32, tokens, HEAD_DIM);
    headsGradient = normal(precision, 1, heads, tokens, HEAD_DIM);
  }

  /** RMS norm, whose weight trains. */
  @Benchmark
  public void norm() {
    thereAndBack(
        () -> compute("rms_norm", "rms_norm_backward_trained", hidden, norm, EPSILON),
        hiddenGradient);
  }

  /** The rotary embedding of all heads. */
  @Benchmark
  public void rotary() {
    int heads = width / HEAD_DIM;
    thereAndBack(
        () -> compute("rotate_heads", "rotate_heads_backward", hidden, cos, sin, heads, 0),
        headsGradient);
  }

  /** The gate of the MLP. */
  @Benchmark
  public void swiglu() {
    thereAndBack(() -> compute("swiglu", "swiglu_backward", gate, up), wideGradient);
  }
}
