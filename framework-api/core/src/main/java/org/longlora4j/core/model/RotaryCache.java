package org.longlora4j.core.model;

import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longlora4j.api.position.RotaryEmbedding;

/**
 * The rotary tables of sequence after sequence.
 *
 * <p>Where the scaling depends on the length of a sequence, each document turns by the frequencies
 * of its own length: those that it will meet when the model is used, and not those of the row that
 * it happens to be in. Under every other scaling one table does for all.
 */
public final class RotaryCache implements AutoCloseable {
  private static final int KEPT = 8; // tables of different lengths

  private final RotaryEmbedding embedding;
  private final NDManager parent;
  private final Map<Integer, RotaryTables> held = new LinkedHashMap<>(); // oldest first

  /**
   * Makes no table yet.
   *
   * @param embedding the rotary embedding, scaling included
   * @param parent owns the tables until this is closed
   */
  public RotaryCache(RotaryEmbedding embedding, NDManager parent) {
    this.embedding = embedding;
    this.parent = parent;
  }

  /**
   * The tables for a sequence.
   *
   * @param length its tokens
   * @return at least as many positions; valid until the next call
   */
  RotaryTables tables(int length) {
    RotaryTables fitting = held.get(length);
    if (fitting != null) {
      return fitting;
    }
    if (!embedding.scaling().dependsOnLength()) {
      for (RotaryTables longer : held.values()) {
        if (longer.length() >= length) {
          return longer;
        }
      }
      close();
    } else if (held.size() == KEPT) {
      int oldest = held.keySet().iterator().next();
      held.remove(oldest).close();
    }
    RotaryTables made = new RotaryTables(embedding, length, parent);
    held.put(length, made);
    return made;
  }

  @Override
  public void close() {
    held.values().forEach(RotaryTables::close);
    held.clear();
  }
}
