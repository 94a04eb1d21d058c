package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.LeftOut;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.InvalidInputException;

/** The texts of files of JSON lines, packed or not, of which one is open at a time. */
final class JsonLineReader implements TextReader {
  private final List<Path> files;
  private final JsonField field;
  private final Omissions omissions;
  private int nextFile;
  private Optional<LineReader> open = Optional.empty();
  private Optional<LineReader.Line> line = Optional.empty();

  /**
   * Begins a pass.
   *
   * @param files in the order in which they are to come
   * @param field the name of the one that holds the text
   * @param omissions decides about what cannot be used
   */
  JsonLineReader(List<Path> files, String field, Omissions omissions) {
    this.files = files;
    this.field = new JsonField(field, omissions);
    this.omissions = omissions;
  }

  @Override
  public Optional<String> next() {
    while (advance()) {
      Optional<String> text = text(line.get());
      line = Optional.empty();
      if (text.isPresent()) {
        return text;
      }
    }
    return Optional.empty();
  }

  private Optional<String> text(LineReader.Line read) {
    if (read.tooLong()) {
      omissions.leaveOut(
          "longer than %,d bytes".formatted(LineReader.MOST_BYTES),
          "%s is longer than %,d bytes. Split the document."
              .formatted(place(read.number()), LineReader.MOST_BYTES));
      return Optional.empty();
    }
    return field.of(read.bytes(), place(read.number()));
  }

  private String place(long number) {
    return file() + " line " + number;
  }

  private Path file() {
    return files.get(nextFile - 1);
  }

  /** Goes to the next line with something on it; false if there is none. */
  private boolean advance() {
    while (line.isEmpty() && (open.isPresent() || nextFile < files.size())) {
      try {
        if (open.isEmpty()) {
          nextFile++;
          open = Optional.of(new LineReader(PackedFile.open(file())));
        }
        Optional<LineReader.Line> read = open.get().next();
        if (read.isEmpty()) {
          finishFile();
        }
        line = read.filter(found -> !found.isBlank());
      } catch (IOException e) {
        breakOff(e);
      }
    }
    return line.isPresent();
  }

  private void finishFile() {
    boolean empty = open.get().lines() == 0;
    close();
    if (empty) {
      omissions.leaveOut(Omissions.EMPTY, file() + " is empty. Remove it.");
    }
  }

  private void breakOff(IOException failure) {
    long lines = open.map(LineReader::lines).orElse(0L);
    close();
    omissions.leaveOut(
        Omissions.UNREADABLE,
        new InvalidInputException(
            "%s cannot be read beyond line %d: %s. Put a whole file in its place."
                .formatted(file(), lines, failure),
            failure));
  }

  @Override
  public boolean passOverOnePiece() {
    // Whether a line is left out shows only when it is read.
    boolean known =
        omissions.strict()
            && advance()
            && line.get().bytes().length <= TextPieces.MAX_CHARACTERS
            && !line.get().tooLong();
    if (known) {
      line = Optional.empty();
    }
    return known;
  }

  @Override
  public LeftOut leftOut() {
    return omissions.leftOut();
  }

  @Override
  public void close() {
    Optional<LineReader> closing = open;
    open = Optional.empty();
    closing.ifPresent(reader -> SourceFiles.close(reader, file()));
  }
}
