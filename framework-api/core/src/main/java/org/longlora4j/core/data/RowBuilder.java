package org.longlora4j.core.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/** A row that is being filled. */
final class RowBuilder {
  private final int[] tokens;
  private final boolean[] learned;
  private final IntStream.Builder documents = IntStream.builder();
  private int filled;
  private int begun;

  /**
   * An empty row.
   *
   * @param context its length
   * @param padding the token of places that are not filled
   */
  RowBuilder(int context, int padding) {
    tokens = new int[context];
    learned = new boolean[context];
    Arrays.fill(tokens, padding);
  }

  boolean isEmpty() {
    return filled == 0;
  }

  /** How many tokens may be added. */
  int room() {
    return tokens.length - filled;
  }

  /** Adds tokens of a piece. */
  void add(TokenPass.Piece piece, int from, int count) {
    System.arraycopy(piece.tokens(), from, tokens, filled, count);
    System.arraycopy(piece.learned(), from, learned, filled, count);
    filled += count;
  }

  /** What was added since the last end is a document, if it is anything. */
  void endDocument() {
    if (filled > begun) {
      documents.add(filled - begun);
      begun = filled;
    }
  }

  Row build() {
    endDocument();
    return new Row(tokens, learned, documents.build().toArray());
  }
}
