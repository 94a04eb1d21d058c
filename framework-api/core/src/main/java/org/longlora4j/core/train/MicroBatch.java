package org.longlora4j.core.train;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Rows that go through the model together.
 *
 * @param tokens token ids, all rows of one length
 * @param labels for every position the token that is to be predicted there, or {@link #IGNORED}
 * @param lengths the real tokens of each row; the rest is padding
 */
@SuppressWarnings("ArrayRecordComponent") // token ids; identity equality is never used
public record MicroBatch(int[][] tokens, int[][] labels, int[] lengths) {
  /** The label of a position that is not counted. */
  public static final int IGNORED = -100;

  /** Rows without padding, where every position but the last predicts its successor. */
  public static MicroBatch ofRows(int[][] rows) {
    int[][] labels = new int[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      labels[i] = Arrays.copyOfRange(rows[i], 1, rows[i].length + 1);
      labels[i][rows[i].length - 1] = IGNORED;
    }
    int[] lengths = Arrays.stream(rows).mapToInt(row -> row.length).toArray();
    return new MicroBatch(rows, labels, lengths);
  }

  /** Tokens in a row. */
  public int length() {
    return tokens[0].length;
  }

  /** The positions that count in the loss. */
  public long counted() {
    return Arrays.stream(labels)
        .flatMapToInt(IntStream::of)
        .filter(label -> label != IGNORED)
        .count();
  }
}
