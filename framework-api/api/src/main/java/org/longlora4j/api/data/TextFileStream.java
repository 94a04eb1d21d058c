package org.longlora4j.api.data;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One pass over files of UTF-8 text, each a document, of which one is open at a time.
 *
 * <p>A file that is empty, cannot be read or is no UTF-8 text is left out whole, or refused.
 */
public final class TextFileStream implements DocumentStream {
  private final List<? extends Entry> entries;
  private final Omissions omissions;
  private int nextEntry;
  private Optional<TextPieces> open = Optional.empty();

  /** One text. */
  @ConsumerType
  public interface Entry {
    /** What messages call it. */
    String name();

    /**
     * Its size in bytes.
     *
     * @throws InvalidInputException if that cannot be told
     */
    long bytes();

    /**
     * Opens it.
     *
     * @throws InvalidInputException if that is not possible
     */
    TextPieces open();

    /** A file of its own. */
    static Entry of(Path file) {
      return new FileEntry(file);
    }
  }

  /** A file of its own. */
  private record FileEntry(Path file) implements Entry {
    @Override
    public String name() {
      return file.toString();
    }

    @Override
    public long bytes() {
      try {
        return Files.size(file);
      } catch (IOException e) {
        throw new InvalidInputException(file + " cannot be read: " + e, e);
      }
    }

    @Override
    public TextPieces open() {
      return new TextPieces(file, name());
    }
  }

  /**
   * Begins a pass.
   *
   * @param entries in the order in which they are to come
   * @param omissions decides about what cannot be used
   */
  public TextFileStream(List<? extends Entry> entries, Omissions omissions) {
    this.entries = requireNonNull(entries, "entries is null");
    this.omissions = requireNonNull(omissions, "omissions is null");
  }

  @Override
  public Optional<Document> next() {
    while (open.isPresent() || nextEntry < entries.size()) {
      Optional<Document.Text> piece =
          open.isPresent() ? open.get().next() : begin(entries.get(nextEntry++));
      if (piece.map(Document.Text::last).orElse(true)) {
        close();
      }
      if (piece.isPresent()) {
        return Optional.of(piece.get());
      }
    }
    return Optional.empty();
  }

  private Optional<Document.Text> begin(Entry entry) {
    Optional<Document.Text> first;
    try {
      if (!omissions.strict() && !isOnePiece(entry)) {
        requireReadable(entry);
      }
      open = Optional.of(entry.open());
      first = open.get().next();
    } catch (InvalidInputException e) {
      omissions.leaveOut(reason(e), e);
      return Optional.empty();
    }
    if (first.isEmpty()) {
      omissions.leaveOut(Omissions.EMPTY, entry.name() + " is empty. Remove it.");
    }
    return first;
  }

  /** A failure to read has the system's reason with it; a text in another encoding has none. */
  private static String reason(InvalidInputException problem) {
    return problem.getCause() instanceof IOException ? Omissions.UNREADABLE : Omissions.NOT_UTF_8;
  }

  /** Tells without reading: no character of UTF-8 takes less than a byte. */
  private static boolean isOnePiece(Entry entry) {
    return entry.bytes() <= TextPieces.MAX_CHARACTERS;
  }

  /** So that no document breaks off after the first of its pieces. */
  private static void requireReadable(Entry entry) {
    try (TextPieces pieces = entry.open()) {
      Optional<Document.Text> piece = pieces.next();
      while (piece.isPresent()) {
        piece = pieces.next();
      }
    }
  }

  @Override
  public PassedOver passOver(long most) {
    // Whether a file is left out shows only when it is read.
    if (omissions.strict() && open.isEmpty() && nextEntry < entries.size()) {
      Entry entry = entries.get(nextEntry);
      if (entry.bytes() > 0 && isOnePiece(entry)) {
        nextEntry++;
        return new PassedOver(1, true);
      }
    }
    return DocumentStream.super.passOver(most);
  }

  @Override
  public LeftOut leftOut() {
    return omissions.leftOut();
  }

  @Override
  public void close() {
    open.ifPresent(TextPieces::close);
    open = Optional.empty();
  }
}
