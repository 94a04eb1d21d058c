package ${package};

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.InvalidInputException;

/** One pass over the lines of files, of which one is open at a time. Blank lines are passed over. */
final class LineStream implements DocumentStream {
  private final Iterator<Path> files;
  private Optional<BufferedReader> reader = Optional.empty();
  private Path file = Path.of("");
  private int line;

  LineStream(List<Path> files) {
    this.files = files.iterator();
  }

  @Override
  public Optional<Document> next() {
    try {
      while (reader.isPresent() || files.hasNext()) {
        if (reader.isEmpty()) {
          file = files.next();
          line = 0;
          reader = Optional.of(Files.newBufferedReader(file));
        }
        String text = reader.get().readLine();
        line++;
        if (text == null) {
          close();
        } else if (!text.isBlank()) {
          return Optional.of(new Document.Text(text, true));
        }
      }
      return Optional.empty();
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(
          "%s is not UTF-8 text after line %d. Convert it, or leave it out.".formatted(file, line),
          e);
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be read: " + e, e);
    }
  }

  @Override
  public void close() {
    try {
      if (reader.isPresent()) {
        reader.get().close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      reader = Optional.empty();
    }
  }
}
