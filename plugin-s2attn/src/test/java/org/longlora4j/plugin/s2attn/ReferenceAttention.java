package org.longlora4j.plugin.s2attn;

import org.longlora4j.api.attention.AttentionShape;

/**
 * Attention under an explicit mask, and its gradients, by plain loops in double precision.
 *
 * @param shape of the call
 * @param visible which pairs the mask lets through
 */
record ReferenceAttention(AttentionShape shape, Visible visible) {
  /** A boolean mask. */
  @FunctionalInterface
  interface Visible {
    boolean sees(int head, int query, int key);
  }

  /** Queries, keys and values, or what belongs to them, flat in row-major order. */
  @SuppressWarnings("ArrayRecordComponent") // compared element by element
  record Tensors(float[] query, float[] key, float[] value) {}

  /** Output and gradients of one call. */
  @SuppressWarnings("ArrayRecordComponent") // compared element by element
  record Result(double[] output, double[] query, double[] key, double[] value) {}

  Result attend(Tensors inputs, float[] outputGradient) {
    int keys = inputs.key().length;
    int queries = inputs.query().length;
    Result result =
        new Result(new double[queries], new double[queries], new double[keys], new double[keys]);
    for (int row = 0; row < shape.batch(); row++) {
      for (int head = 0; head < shape.heads(); head++) {
        int keyHead = head / (shape.heads() / shape.keyValueHeads());
        int keyBase = (row * shape.keyValueHeads() + keyHead) * shape.length() * shape.headDim();
        for (int i = 0; i < shape.length(); i++) {
          int at = ((row * shape.heads() + head) * shape.length() + i) * shape.headDim();
          attend(
              inputs, outputGradient, result, at, keyBase, weights(inputs, head, i, at, keyBase));
        }
      }
    }
    return result;
  }

  private double[] weights(Tensors inputs, int head, int i, int at, int keyBase) {
    double[] weights = new double[shape.length()];
    double sum = 0;
    for (int j = 0; j < weights.length; j++) {
      if (visible.sees(head, i, j)) {
        double score = dot(inputs.query(), at, inputs.key(), keyBase + j * shape.headDim());
        weights[j] = Math.exp(score / Math.sqrt(shape.headDim()));
        sum += weights[j];
      }
    }
    for (int j = 0; j < weights.length; j++) {
      weights[j] /= sum;
    }
    return weights;
  }

  private void attend(
      Tensors in, float[] outputGradient, Result result, int at, int keyBase, double[] weights) {
    double scale = 1 / Math.sqrt(shape.headDim());
    double mean = 0;
    for (int j = 0; j < weights.length; j++) {
      mean += weights[j] * dot(outputGradient, at, in.value(), keyBase + j * shape.headDim());
    }
    for (int j = 0; j < weights.length; j++) {
      int to = keyBase + j * shape.headDim();
      double score = weights[j] * (dot(outputGradient, at, in.value(), to) - mean) * scale;
      for (int d = 0; d < shape.headDim(); d++) {
        result.output()[at + d] += weights[j] * in.value()[to + d];
        result.value()[to + d] += weights[j] * outputGradient[at + d];
        result.query()[at + d] += score * in.key()[to + d];
        result.key()[to + d] += score * in.query()[at + d];
      }
    }
  }

  private double dot(float[] a, int aFrom, float[] b, int bFrom) {
    double sum = 0;
    for (int d = 0; d < shape.headDim(); d++) {
      sum += (double) a[aFrom + d] * b[bFrom + d];
    }
    return sum;
  }

  long pairs() {
    long pairs = 0;
    for (int head = 0; head < shape.heads(); head++) {
      for (int i = 0; i < shape.length(); i++) {
        for (int j = 0; j < shape.length(); j++) {
          pairs += visible.sees(head, i, j) ? 1 : 0;
        }
      }
    }
    return shape.batch() * pairs;
  }
}
