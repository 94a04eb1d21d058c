package org.longlora4j.plugin.datasets;

import java.util.Optional;
import java.util.function.LongFunction;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;

/** Documents that are each made from their number when they are asked for. */
final class GeneratedStream implements DocumentStream {
  private final long documents;
  private final LongFunction<Document> document;
  private long given;

  /**
   * A stream from the first document on.
   *
   * @param documents how many there are
   * @param document makes the document of a number from 0 on
   */
  GeneratedStream(long documents, LongFunction<Document> document) {
    this.documents = documents;
    this.document = document;
  }

  @Override
  public Optional<Document> next() {
    return given == documents ? Optional.empty() : Optional.of(document.apply(given++));
  }

  @Override
  public PassedOver passOver(long most) {
    if (given == documents) {
      return PassedOver.NOTHING;
    }
    given++;
    return new PassedOver(1, true);
  }

  @Override
  public void skip(long count) {
    given += Math.min(count, documents - given);
  }

  @Override
  public void close() {}
}
