package org.longlora4j.plugin.datasets;

import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.InvalidInputException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pass over files in archives, of which one is read at a time. */
final class ArchiveStream implements DocumentStream {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveStream.class);
  private static final int MOST_WARNINGS = 5;

  private final List<ArchiveEntry> entries;
  private final boolean strict;
  private final OpenArchives archives = new OpenArchives();
  private int nextEntry;
  private Optional<TextPieces> open = Optional.empty();
  private int leftOut;

  /**
   * @param strict whether an entry that cannot be read is an error; otherwise it is left out
   */
  ArchiveStream(List<ArchiveEntry> entries, boolean strict) {
    this.entries = entries;
    this.strict = strict;
  }

  @Override
  public Optional<Document> next() {
    while (open.isPresent() || nextEntry < entries.size()) {
      Optional<Document.Text> piece =
          open.isPresent() ? open.get().next() : begin(entries.get(nextEntry++));
      if (piece.map(Document.Text::last).orElse(true)) {
        closeEntry();
      }
      if (piece.isPresent()) {
        return Optional.of(piece.get());
      }
    }
    if (leftOut > MOST_WARNINGS) {
      LOG.warn("{} of {} files were left out of this epoch", leftOut, entries.size());
      leftOut = 0;
    }
    return Optional.empty();
  }

  private Optional<Document.Text> begin(ArchiveEntry entry) {
    try {
      if (!strict && !entry.isOnePiece()) {
        requireReadable(entry);
      }
      open = Optional.of(pieces(entry));
      return open.get().next();
    } catch (InvalidInputException e) {
      if (strict) {
        throw e;
      }
      leaveOut(e);
      return Optional.empty();
    }
  }

  /** So that no document breaks off after the first of its pieces. */
  private void requireReadable(ArchiveEntry entry) {
    try (TextPieces pieces = pieces(entry)) {
      Optional<Document.Text> piece = pieces.next();
      while (piece.isPresent()) {
        piece = pieces.next();
      }
    }
  }

  private void leaveOut(InvalidInputException reason) {
    leftOut++;
    if (leftOut <= MOST_WARNINGS) {
      LOG.warn("left out: {}", reason.getMessage());
    }
  }

  private TextPieces pieces(ArchiveEntry entry) {
    return new TextPieces(archives.root(entry.archive()).resolve(entry.file()), entry.toString());
  }

  @Override
  public void skip(long count) {
    for (long i = 0; i < count; i++) {
      while (open.isEmpty() && nextEntry < entries.size() && entries.get(nextEntry).bytes() == 0) {
        nextEntry++;
      }
      // Whether an entry is left out shows only when it is read.
      boolean known = strict && open.isEmpty() && nextEntry < entries.size();
      if (known && entries.get(nextEntry).isOnePiece()) {
        nextEntry++;
      } else if (next().isEmpty()) {
        return;
      }
    }
  }

  private void closeEntry() {
    open.ifPresent(TextPieces::close);
    open = Optional.empty();
  }

  @Override
  public void close() {
    closeEntry();
    archives.close();
  }
}
