package org.longlora4j.kit;

import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.core.tensor.Autograd;

/**
 * Finds out which positions a pattern lets each query attend to: under values that are the rows of
 * the identity, a query's output is its row of attention weights.
 */
final class AttentionProbe {
  /** Far below any weight that a softmax over a few small scores gives. */
  private static final float NOTHING = 1e-9f;

  private final AttentionShape shape;
  private final float[] query;
  private final float[] key;
  private final float[] weights; // (batch, heads, length, headDim), where headDim ≥ length

  /** Probes a call of the shape's batch, heads and length. */
  AttentionProbe(AttentionPattern pattern, AttentionShape of, AttentionLayer layer) {
    int headDim = (of.length() + 7) / 8 * 8;
    shape = new AttentionShape(of.batch(), of.heads(), of.keyValueHeads(), of.length(), headDim);
    Drawn drawn = new Drawn(23);
    query = drawn.normal(queries(shape).size(), 0.5);
    key = drawn.normal(keys(shape).size(), 0.5);
    float[] value = new float[key.length];
    for (int row = 0; row < value.length / headDim; row++) {
      value[row * headDim + row % of.length()] = 1;
    }
    try (NDManager owner = SERVICES.engine().newManager()) {
      NDArray q = owner.create(query, queries(shape));
      NDArray k = owner.create(key, keys(shape));
      NDArray v = owner.create(value, keys(shape));
      weights = Autograd.silent(() -> pattern.attend(q, k, v, layer)).toFloatArray();
    }
  }

  static Shape queries(AttentionShape shape) {
    return new Shape(shape.batch(), shape.heads(), shape.length(), shape.headDim());
  }

  static Shape keys(AttentionShape shape) {
    return new Shape(shape.batch(), shape.keyValueHeads(), shape.length(), shape.headDim());
  }

  int length() {
    return shape.length();
  }

  float weight(int row, int head, int from, int to) {
    int at = (row * shape.heads() + head) * shape.length() + from;
    return weights[at * shape.headDim() + to];
  }

  boolean sees(int row, int head, int from, int to) {
    return weight(row, head, from, to) > NOTHING;
  }

  /** How many (query, key) pairs take part, over all rows and heads. */
  long pairs() {
    long[] pairs = new long[1];
    forEachQuery(
        (row, head, from) -> {
          for (int to = 0; to < shape.length(); to++) {
            pairs[0] += sees(row, head, from, to) ? 1 : 0;
          }
        });
    return pairs[0];
  }

  /** The weights that softmax gives to the positions that a query sees; 0 for the others. */
  double[] softmax(int row, int head, int from) {
    double[] expected = new double[shape.length()];
    int keyHead = head / (shape.heads() / shape.keyValueHeads());
    double sum = 0;
    for (int to = 0; to < expected.length; to++) {
      if (sees(row, head, from, to)) {
        expected[to] = Math.exp(score(row, head, keyHead, from, to));
        sum += expected[to];
      }
    }
    for (int to = 0; to < expected.length; to++) {
      expected[to] /= sum;
    }
    return expected;
  }

  private double score(int row, int head, int keyHead, int from, int to) {
    int dim = shape.headDim();
    int q = ((row * shape.heads() + head) * shape.length() + from) * dim;
    int k = ((row * shape.keyValueHeads() + keyHead) * shape.length() + to) * dim;
    double product = 0;
    for (int d = 0; d < dim; d++) {
      product += (double) query[q + d] * key[k + d];
    }
    return product / Math.sqrt(dim);
  }

  /** One query of the call. */
  @FunctionalInterface
  interface Query {
    void accept(int row, int head, int position);
  }

  void forEachQuery(Query query) {
    for (int row = 0; row < shape.batch(); row++) {
      for (int head = 0; head < shape.heads(); head++) {
        for (int from = 0; from < shape.length(); from++) {
          query.accept(row, head, from);
        }
      }
    }
  }
}
