package org.longlora4j.core;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;

/** Gives the same documents in every epoch. */
public record FixedDocuments(List<Document> documents) implements DocumentSource {
  /** Rows of tokens. */
  public static FixedDocuments rows(int[]... rows) {
    return new FixedDocuments(
        List.of(rows).stream().<Document>map(row -> new Document.Row(row, "a row")).toList());
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    Iterator<Document> iterator = documents.iterator();
    return new DocumentStream() {
      @Override
      public Optional<Document> next() {
        return iterator.hasNext() ? Optional.of(iterator.next()) : Optional.empty();
      }

      @Override
      public void close() {}
    };
  }
}
