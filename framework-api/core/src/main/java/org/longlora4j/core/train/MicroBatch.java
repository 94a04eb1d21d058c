package org.longlora4j.core.train;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.longlora4j.core.data.Row;

/**
 * Rows that go through the model together.
 *
 * @param tokens token ids, all rows of one length
 * @param labels for every position the token that is to be predicted there, or {@link #IGNORED}
 * @param documents the lengths of each row's documents, one after another, which attend each to
 *     itself alone; the rest of a row is padding
 */
@SuppressWarnings("ArrayRecordComponent") // token ids; identity equality is never used
public record MicroBatch(int[][] tokens, int[][] labels, int[][] documents) {
  /** The label of a position that is not counted. */
  public static final int IGNORED = Row.IGNORED;

  /** Rows of one length. */
  public static MicroBatch of(List<Row> rows) {
    return new MicroBatch(
        rows.stream().map(Row::tokens).toArray(int[][]::new),
        rows.stream().map(Row::labels).toArray(int[][]::new),
        rows.stream().map(Row::documents).toArray(int[][]::new));
  }

  /** Rows without padding, where every position but the last predicts its successor. */
  public static MicroBatch ofRows(int[][] rows) {
    return of(Stream.of(rows).map(Row::whole).toList());
  }

  /** Tokens in a row. */
  public int length() {
    return tokens[0].length;
  }

  /** The tokens that are no padding. */
  public long real() {
    return Stream.of(documents).flatMapToInt(IntStream::of).asLongStream().sum();
  }

  /** The positions that count in the loss. */
  public long counted() {
    return Arrays.stream(labels)
        .flatMapToInt(IntStream::of)
        .filter(label -> label != IGNORED)
        .count();
  }
}
