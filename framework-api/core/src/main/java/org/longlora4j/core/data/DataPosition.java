package org.longlora4j.core.data;

/**
 * Where in the data a row is.
 *
 * @param epoch how often all documents were gone through before, from 0
 * @param documents how many results of the epoch's document stream lie wholly before the row's
 *     block
 * @param tokens how many tokens of the next one lie before the row's block
 * @param rows how many rows of that block were given before, where rows are shuffled; else 0
 */
public record DataPosition(int epoch, long documents, long tokens, int rows) {
  /** The first token of the first epoch. */
  public static final DataPosition START = new DataPosition(0, 0, 0);

  /** Requires that no number is negative. */
  public DataPosition {
    if (epoch < 0 || documents < 0 || tokens < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "no position in the data: epoch %d, documents %d, tokens %d, rows %d"
              .formatted(epoch, documents, tokens, rows));
    }
  }

  /** The start of a row that is not shuffled, or of a block of rows. */
  public DataPosition(int epoch, long documents, long tokens) {
    this(epoch, documents, tokens, 0);
  }
}
