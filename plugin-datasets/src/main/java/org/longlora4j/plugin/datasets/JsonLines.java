package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.List;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;

/**
 * Files of JSON lines, plain or packed by gzip or zstd: each line an object, one field of which is
 * a document.
 */
public final class JsonLines implements DocumentSource {
  private final Options options;

  /**
   * What a recipe may say.
   *
   * @param path which files
   * @param field which field holds the text
   * @param shuffle whether the order changes with the seed and from epoch to epoch
   * @param shuffleBuffer how many documents are held to draw the next one from
   * @param strict whether what cannot be used is an error
   */
  public record Options(
      @Option(
              "Files of JSON lines, plain or packed by gzip (.gz) or zstd (.zst); directories or"
                  + " globs of them.")
          List<FilePattern> path,
      @Option(value = "The field of each object that holds the text.", defaultValue = "text")
          String field,
      @Option(value = RecordFiles.SHUFFLE, defaultValue = "true") boolean shuffle,
      @Option(value = RecordFiles.SHUFFLE_BUFFER, defaultValue = "256", min = 1, max = 1e6)
          int shuffleBuffer,
      @Option(value = RecordFiles.STRICT, defaultValue = "false") boolean strict) {
    /** Requires a pattern. */
    public Options {
      path = SourceFiles.requirePath(path);
    }
  }

  /** A source of the files that the options name. */
  @Inject
  public JsonLines(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new RecordFiles(
            MatchedFiles.of(options.path()),
            options.field(),
            options.shuffle(),
            options.shuffleBuffer(),
            options.strict())
        .open(epoch, seed);
  }
}
