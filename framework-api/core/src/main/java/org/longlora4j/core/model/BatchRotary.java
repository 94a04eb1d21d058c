package org.longlora4j.core.model;

import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Optional;
import org.longlora4j.api.position.RotaryEmbedding;

/**
 * The rotary tables of batch after batch.
 *
 * <p>Where the scaling depends on the length of a sequence, a row that ends in padding turns by the
 * frequencies of its own length: those that it will meet when the model is used, and not those of
 * the batch that it happens to be in. Tables are made again only when something has changed.
 */
public final class BatchRotary implements AutoCloseable {
  private final RotaryEmbedding embedding;
  private final NDManager parent;
  private Optional<RotaryTables> held = Optional.empty();
  private int[] heldLengths = {};

  /**
   * Makes no table yet.
   *
   * @param embedding the rotary embedding, scaling included
   * @param parent owns the tables until this is closed
   */
  public BatchRotary(RotaryEmbedding embedding, NDManager parent) {
    this.embedding = embedding;
    this.parent = parent;
  }

  /**
   * The tables for a batch.
   *
   * @param length the positions of every row
   * @param lengths how many of them are tokens, for each row
   * @return valid until the next call
   */
  public RotaryTables tables(int length, int[] lengths) {
    boolean alike =
        !embedding.scaling().dependsOnLength()
            || Arrays.stream(lengths).allMatch(tokens -> tokens == length);
    int[] distinct = alike ? new int[] {} : lengths.clone();
    if (held.isEmpty() || held.get().length() != length || !Arrays.equals(distinct, heldLengths)) {
      close();
      held =
          Optional.of(
              alike
                  ? new RotaryTables(embedding, length, parent)
                  : new RotaryTables(embedding, length, lengths, parent));
      heldLengths = distinct;
    }
    return held.get();
  }

  @Override
  public void close() {
    held.ifPresent(RotaryTables::close);
    held = Optional.empty();
  }
}
