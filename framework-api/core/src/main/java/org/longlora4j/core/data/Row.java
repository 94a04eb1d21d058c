package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A row to train or measure on.
 *
 * @param tokens token ids
 * @param learned for each token whether a loss is counted on predicting it
 * @param documents how many tokens each document has, one after another; what follows the last is
 *     padding
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content, below
public record Row(int[] tokens, boolean[] learned, int[] documents) {
  /** The label of a position that is not counted. */
  public static final int IGNORED = -100;

  /**
   * Checks that the parts fit.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Row {
    requireNonNull(tokens, "tokens is null");
    if (learned.length != tokens.length) {
      throw new IllegalArgumentException(
          learned.length + " marks for " + tokens.length + " tokens");
    }
    if (documents.length == 0
        || Arrays.stream(documents).anyMatch(length -> length < 1)
        || Arrays.stream(documents).sum() > tokens.length) {
      throw new IllegalArgumentException(
          "documents of %s tokens do not fit into a row of %d"
              .formatted(Arrays.toString(documents), tokens.length));
    }
  }

  /** One document without padding, all of which is learned. */
  public static Row whole(int[] tokens) {
    boolean[] learned = new boolean[tokens.length];
    Arrays.fill(learned, true);
    return new Row(tokens, learned, new int[] {tokens.length});
  }

  /**
   * For every position the token that is to be predicted there, or {@link #IGNORED}: at the end of
   * a document, before a token that is not learned, and in padding.
   */
  public int[] labels() {
    int[] labels = new int[tokens.length];
    Arrays.fill(labels, IGNORED);
    int begin = 0;
    for (int length : documents) {
      for (int i = begin; i < begin + length - 1; i++) {
        labels[i] = learned[i + 1] ? tokens[i + 1] : IGNORED;
      }
      begin += length;
    }
    return labels;
  }

  /** How many tokens are predicted and counted. */
  public int counted() {
    return (int) IntStream.of(labels()).filter(label -> label != IGNORED).count();
  }

  /** How many tokens are no padding. */
  public int length() {
    return Arrays.stream(documents).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Row row
        && Arrays.equals(tokens, row.tokens)
        && Arrays.equals(learned, row.learned)
        && Arrays.equals(documents, row.documents);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + Arrays.hashCode(documents);
  }

  @Override
  public String toString() {
    return "Row[tokens=%s, learned=%s, documents=%s]"
        .formatted(Arrays.toString(tokens), Arrays.toString(learned), Arrays.toString(documents));
  }
}
