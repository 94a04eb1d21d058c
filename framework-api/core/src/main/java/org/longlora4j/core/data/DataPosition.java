package org.longlora4j.core.data;

/**
 * Where in the data a row starts.
 *
 * @param epoch how often all documents were gone through before, from 0
 * @param documents how many results of the epoch's document stream lie wholly before the row
 * @param tokens how many tokens of the next one lie before the row
 */
public record DataPosition(int epoch, long documents, long tokens) {
  /** The first token of the first epoch. */
  public static final DataPosition START = new DataPosition(0, 0, 0);

  /** Requires that no number is negative. */
  public DataPosition {
    if (epoch < 0 || documents < 0 || tokens < 0) {
      throw new IllegalArgumentException(
          "no position in the data: epoch %d, documents %d, tokens %d"
              .formatted(epoch, documents, tokens));
    }
  }
}
