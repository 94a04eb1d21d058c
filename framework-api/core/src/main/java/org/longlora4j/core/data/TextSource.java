package org.longlora4j.core.data;

import com.google.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.data.TextFileStream;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;

/**
 * Text files in UTF-8, each of them a document; empty ones are left out.
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
   * @param strict whether a file that is empty or no UTF-8 text is an error
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
          boolean shuffle,
      @Option(
              value =
                  "Whether a file that is empty or no UTF-8 text is an error; otherwise it is left"
                      + " out and counted.",
              defaultValue = "false")
          boolean strict) {
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
    if (options.shuffle()) {
      files = DocumentOrder.shuffled(files, epoch, seed);
    }
    return new TextFileStream(
        files.stream().map(TextFileStream.Entry::of).toList(), new Omissions(options.strict()));
  }
}
