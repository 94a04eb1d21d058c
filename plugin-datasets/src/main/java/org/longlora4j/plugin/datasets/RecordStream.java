package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.InvalidInputException;

/** One pass over the JSON objects of files, of which one is open at a time, as documents. */
final class RecordStream implements DocumentStream {
  private final List<Path> files;
  private final Reading reading;
  private final Omissions omissions;
  private int nextFile;
  private Optional<JsonRecordReader> open = Optional.empty();

  /** Makes a document of a record. */
  @FunctionalInterface
  interface Reading {
    /** The document; none if the record was left out. */
    Optional<Document> of(JsonRecord record, Omissions omissions);
  }

  /**
   * Begins a pass.
   *
   * @param files in the order in which they are to come
   * @param reading makes documents of records
   * @param omissions decides about what cannot be used
   */
  RecordStream(List<Path> files, Reading reading, Omissions omissions) {
    this.files = files;
    this.reading = reading;
    this.omissions = omissions;
  }

  @Override
  public Optional<Document> next() {
    while (open.isPresent() || nextFile < files.size()) {
      if (open.isEmpty()) {
        open = open(files.get(nextFile++));
      } else {
        Optional<JsonRecord> record = open.get().next();
        if (record.isEmpty()) {
          close();
        }
        Optional<Document> document = record.flatMap(found -> reading.of(found, omissions));
        if (document.isPresent()) {
          return document;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<JsonRecordReader> open(Path file) {
    try {
      return Optional.of(new JsonRecordReader(file, omissions));
    } catch (IOException e) {
      omissions.leaveOut(
          Omissions.UNREADABLE,
          new InvalidInputException(
              "%s cannot be read: %s. Put a whole file in its place.".formatted(file, e), e));
      return Optional.empty();
    }
  }

  @Override
  public LeftOut leftOut() {
    return omissions.leftOut();
  }

  @Override
  public void close() {
    Optional<JsonRecordReader> closing = open;
    open = Optional.empty();
    closing.ifPresent(reader -> SourceFiles.close(reader, files.get(nextFile - 1)));
  }
}
