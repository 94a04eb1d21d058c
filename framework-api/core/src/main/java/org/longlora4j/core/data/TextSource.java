package org.longlora4j.core.data;

import com.google.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Option;

/**
 * Text files in UTF-8, each of them a document; empty ones are passed over.
 *
 * <p>A long file comes in pieces of about a million characters, cut at line ends.
 */
public final class TextSource implements DocumentSource {
  private final Options options;

  /**
   * What a recipe may say.
   *
   * @param path which files
   * @param shuffle whether their order changes with the seed and from epoch to epoch
   */
  public record Options(
      @Option(
              "Files, directories (all files below them) or globs, in which **/ stands for any"
                  + " number of folders. Names that begin with a dot are passed over unless the"
                  + " pattern itself names them.")
          List<FilePattern> path,
      @Option(
              value = "Whether to shuffle the files, differently in each epoch, by the seed.",
              defaultValue = "true")
          boolean shuffle) {
    /** Requires a pattern. */
    public Options {
      path = List.copyOf(path);
      if (path.isEmpty()) {
        throw new IllegalArgumentException("path is an empty list; name at least one file");
      }
    }
  }

  /** A source of the files that the options name. */
  @Inject
  public TextSource(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    List<Path> files = MatchedFiles.of(options.path());
    if (!options.shuffle()) {
      return new TextStream(files);
    }
    return new TextStream(
        Arrays.stream(DocumentOrder.shuffled(files.size(), epoch, seed))
            .mapToObj(files::get)
            .toList());
  }

  /** One pass over files, of which one is open at a time. */
  private static final class TextStream implements DocumentStream {
    private final List<Path> files;
    private int nextFile;
    private Optional<TextPieces> open = Optional.empty();

    TextStream(List<Path> files) {
      this.files = files;
    }

    @Override
    public Optional<Document> next() {
      while (open.isPresent() || nextFile < files.size()) {
        if (open.isEmpty()) {
          Path file = files.get(nextFile++);
          open = Optional.of(new TextPieces(file, file.toString()));
        }
        Optional<Document.Text> piece = open.get().next();
        if (piece.map(Document.Text::last).orElse(true)) {
          close();
        }
        if (piece.isPresent()) {
          return Optional.of(piece.get());
        }
      }
      return Optional.empty();
    }

    @Override
    public void skip(long count) {
      for (long i = 0; i < count; i++) {
        while (open.isEmpty() && nextFile < files.size() && bytes(files.get(nextFile)) == 0) {
          nextFile++;
        }
        if (open.isEmpty() && nextFile < files.size() && isOnePiece(files.get(nextFile))) {
          nextFile++;
        } else if (next().isEmpty()) {
          return;
        }
      }
    }

    /** Tells without reading: no character of UTF-8 takes less than a byte. */
    private static boolean isOnePiece(Path file) {
      return bytes(file) <= TextPieces.MAX_CHARACTERS;
    }

    private static long bytes(Path file) {
      try {
        return Files.size(file);
      } catch (IOException e) {
        throw new InvalidInputException(file + " cannot be read: " + e, e);
      }
    }

    @Override
    public void close() {
      open.ifPresent(TextPieces::close);
      open = Optional.empty();
    }
  }
}
