package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryFrequencies;

/**
 * Cosine and sine of every position's angles, float32, shape (length, rotaryDim): the angles of the
 * pairs of dimensions, twice over.
 */
public final class RotaryTables implements AutoCloseable {
  private final NDManager manager;
  private final int length;
  private final NDArray cos;
  private final NDArray sin;

  /**
   * Computes the tables for a sequence.
   *
   * @param embedding the rotary embedding, scaling included
   * @param length its length in tokens
   * @param parent owns the tables until they are closed
   */
  public RotaryTables(RotaryEmbedding embedding, int length, NDManager parent) {
    this(embedding.frequencies(length), length, parent);
  }

  /**
   * Computes the tables of given frequencies.
   *
   * @param frequencies of whatever length
   * @param length how many positions
   * @param parent owns the tables until they are closed
   */
  RotaryTables(RotaryFrequencies frequencies, int length, NDManager parent) {
    this.manager = parent.newSubManager();
    this.length = length;
    float[] inverse = frequencies.inverse();
    float scaling = (float) frequencies.attentionScaling();
    int dim = 2 * inverse.length;
    float[] cosines = new float[length * dim];
    float[] sines = new float[length * dim];
    for (int position = 0; position < length; position++) {
      for (int i = 0; i < inverse.length; i++) {
        float angle = position * inverse[i]; // in float32, as every implementation has it
        int at = position * dim + i;
        cosines[at] = (float) Math.cos(angle) * scaling;
        sines[at] = (float) Math.sin(angle) * scaling;
        cosines[at + inverse.length] = cosines[at];
        sines[at + inverse.length] = sines[at];
      }
    }
    cos = own(manager, cosines, new Shape(length, dim));
    sin = own(manager, sines, new Shape(length, dim));
  }

  /**
   * A tensor made of an array borrows Java's memory, which is gone once it is closed; what a tape
   * holds of the tables must outlive them.
   */
  private static NDArray own(NDManager manager, float[] values, Shape shape) {
    try (NDArray borrowed = manager.create(values, shape)) {
      return borrowed.duplicate();
    }
  }

  /** How many positions the tables hold. */
  public int length() {
    return length;
  }

  /** Cosines of the first positions. */
  NDArray cos() {
    return cos;
  }

  NDArray sin() {
    return sin;
  }

  @Override
  public void close() {
    manager.close();
  }
}
