package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryFrequencies;

/**
 * Cosine and sine of every position's angles, float32: the angles of the pairs of dimensions, twice
 * over. Their shape is (length, rotaryDim) where all rows of a batch turn alike, and (rows, 1,
 * length, rotaryDim) where each turns by its own frequencies.
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
    this(List.of(embedding.frequencies(length)), new Shape(length), length, parent);
  }

  /**
   * Computes tables for the rows of a batch, each with the frequencies for its own length.
   *
   * @param embedding the rotary embedding, scaling included
   * @param length the positions of every row
   * @param lengths how many of them are tokens, for each row; the rest is padding
   * @param parent owns the tables until they are closed
   */
  RotaryTables(RotaryEmbedding embedding, int length, int[] lengths, NDManager parent) {
    this(
        Arrays.stream(lengths).mapToObj(embedding::frequencies).toList(),
        new Shape(lengths.length, 1, length),
        length,
        parent);
  }

  private RotaryTables(
      List<RotaryFrequencies> rows, Shape positions, int length, NDManager parent) {
    this.manager = parent.newSubManager();
    this.length = length;
    int dim = 2 * rows.get(0).inverse().length;
    float[] cosines = new float[rows.size() * length * dim];
    float[] sines = new float[rows.size() * length * dim];
    for (int row = 0; row < rows.size(); row++) {
      fill(rows.get(row), length, row * length * dim, cosines, sines);
    }
    cos = manager.create(cosines, positions.add(dim));
    sin = manager.create(sines, positions.add(dim));
  }

  private static void fill(
      RotaryFrequencies frequencies, int length, int begin, float[] cosines, float[] sines) {
    float[] inverse = frequencies.inverse();
    float scaling = (float) frequencies.attentionScaling();
    for (int position = 0; position < length; position++) {
      for (int i = 0; i < inverse.length; i++) {
        float angle = position * inverse[i]; // in float32, as every implementation has it
        int at = begin + position * 2 * inverse.length + i;
        cosines[at] = (float) Math.cos(angle) * scaling;
        sines[at] = (float) Math.sin(angle) * scaling;
        cosines[at + inverse.length] = cosines[at];
        sines[at + inverse.length] = sines[at];
      }
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
