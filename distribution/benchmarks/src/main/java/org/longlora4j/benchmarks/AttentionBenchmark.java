package org.longlora4j.benchmarks;

import ai.djl.ndarray.NDArray;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.Autograd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Attention patterns by length: eight heads of 64, bfloat16. */
@State(Scope.Benchmark)
public class AttentionBenchmark extends TensorBenchmark {
  private static final int HEADS = 8;
  private static final int HEAD_DIM = 64;

  /** The pattern, with groups of a quarter of the length where it has groups. */
  @Param({"dense", "s2-attn", "local", "dilated", "strided"})
  public String pattern;

  /** Tokens. */
  @Param({"2048", "4096", "8192"})
  public int length;

  private AttentionPattern attention;
  private AttentionLayer layer;
  private NDArray query;
  private NDArray key;
  private NDArray value;
  private NDArray gradient;

  @Override
  void prepare() {
    attention = extension(AttentionPattern.class, pattern);
    layer = new AttentionLayer(0, 1, length);
    query = leaf(Precision.BFLOAT16, 1, HEADS, length, HEAD_DIM);
    key = leaf(Precision.BFLOAT16, 1, HEADS, length, HEAD_DIM);
    value = leaf(Precision.BFLOAT16, 1, HEADS, length, HEAD_DIM);
    gradient = normal(Precision.BFLOAT16, 1, HEADS, length, HEAD_DIM);
  }

  /** Without a record, as in the first pass of a step that recomputes. */
  @Benchmark
  public void forward(Blackhole blackhole) {
    try (NDArray output = Autograd.silent(() -> attention.attend(query, key, value, layer))) {
      blackhole.consume(output);
    }
  }

  /** As in the second pass. */
  @Benchmark
  public void forwardAndBackward() {
    thereAndBack(() -> attention.attend(query, key, value, layer), gradient);
  }
}
