package org.longlora4j.core.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A row as text, to be looked at.
 *
 * @param documents in order
 * @param padding tokens after the last
 */
public record ReadableRow(List<ReadableDocument> documents, int padding) {
  /** Copies the documents. */
  public ReadableRow {
    documents = List.copyOf(documents);
  }

  /**
   * A document of a row.
   *
   * @param tokens how many it has
   * @param learned how many of them are predicted and counted in a loss
   * @param parts its text
   */
  public record ReadableDocument(int tokens, int learned, List<Part> parts) {
    /** Copies the parts. */
    public ReadableDocument {
      parts = List.copyOf(parts);
    }
  }

  /**
   * Neighbouring tokens that all count in a loss, or none of which does.
   *
   * @param text what they say, special tokens included
   * @param learned whether they are predicted and counted
   */
  public record Part(String text, boolean learned) {}

  /**
   * Reads a row.
   *
   * @param row the row
   * @param tokenizer the model's; without one tokens are shown as numbers
   */
  public static ReadableRow of(Row row, Optional<Tokenizer> tokenizer) {
    List<ReadableDocument> documents = new ArrayList<>();
    int[] labels = row.labels();
    int begin = 0;
    for (int length : row.documents()) {
      documents.add(document(row.tokens(), labels, begin, length, tokenizer));
      begin += length;
    }
    return new ReadableRow(documents, row.tokens().length - begin);
  }

  private static ReadableDocument document(
      int[] tokens, int[] labels, int begin, int length, Optional<Tokenizer> tokenizer) {
    List<Part> parts = new ArrayList<>();
    int learned = 0;
    int start = begin;
    for (int i = begin; i < begin + length; i++) {
      boolean counted = isCounted(labels, begin, i);
      learned += counted ? 1 : 0;
      boolean last = i + 1 == begin + length;
      if (last || isCounted(labels, begin, i + 1) != counted) {
        parts.add(new Part(text(Arrays.copyOfRange(tokens, start, i + 1), tokenizer), counted));
        start = i + 1;
      }
    }
    return new ReadableDocument(length, learned, parts);
  }

  /** A token counts if it is the label of the position before it. */
  private static boolean isCounted(int[] labels, int begin, int token) {
    return token > begin && labels[token - 1] != Row.IGNORED;
  }

  private static String text(int[] tokens, Optional<Tokenizer> tokenizer) {
    return tokenizer
        .map(t -> t.show(tokens))
        .orElseGet(
            () ->
                Arrays.stream(tokens).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
  }
}
