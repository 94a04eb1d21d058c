package org.longlora4j.core.data;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.longlora4j.api.data.LeftOut;

/**
 * What became of a stream's documents so far.
 *
 * @param documents results of the document stream that were turned into tokens
 * @param cut dialogues that were longer than the context and lost their end
 * @param skipped dialogues that were left out, since no token of an answer lies within the context
 * @param emptyRows rows that were left out, since they hold no token to learn
 */
public record RowCounts(long documents, long cut, long skipped, long emptyRows) {
  /** Nothing was read. */
  public static final RowCounts NONE = new RowCounts(0, 0, 0, 0);

  /** What came after {@code earlier} counts of the same stream. */
  public RowCounts since(RowCounts earlier) {
    return new RowCounts(
        documents - earlier.documents,
        cut - earlier.cut,
        skipped - earlier.skipped,
        emptyRows - earlier.emptyRows);
  }

  /** What these counts leave out of the data, by reason. */
  public LeftOut leftOut() {
    Map<String, Long> counts = new TreeMap<>();
    counts.put("answers cut off at the context's end", cut);
    counts.put("dialogues without an answer within the context", skipped);
    counts.put("rows without a token to learn", emptyRows);
    counts.values().removeIf(count -> count == 0);
    return new LeftOut(counts, List.of());
  }

  RowCounts oneDocument() {
    return new RowCounts(documents + 1, cut, skipped, emptyRows);
  }

  RowCounts oneCut() {
    return new RowCounts(documents, cut + 1, skipped, emptyRows);
  }

  RowCounts oneSkipped() {
    return new RowCounts(documents, cut, skipped + 1, emptyRows);
  }

  RowCounts oneEmptyRow() {
    return new RowCounts(documents, cut, skipped, emptyRows + 1);
  }
}
