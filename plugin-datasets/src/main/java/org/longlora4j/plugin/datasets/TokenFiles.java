package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.List;
import java.util.OptionalInt;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;

/**
 * Files of nothing but token ids, one after another, little-endian: what {@code numpy.memmap}
 * reads. LongLoRA's published test files of PG-19 and Proof-pile are of this kind, with 16 bits an
 * id.
 *
 * <p>The tokens are packed as those of texts are, with whatever end tokens are among them, and come
 * in the order of the files.
 */
public final class TokenFiles implements DocumentSource {
  private final Options options;

  /** How an id is written. */
  public enum Type {
    /** In two bytes. */
    UINT16(2),
    /** In four bytes. */
    UINT32(4);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }
  }

  /**
   * What a recipe may say.
   *
   * @param path which files
   * @param type how an id is written
   * @param vocabulary how many ids there are; if not given, that is not checked here
   * @param strict whether what cannot be used is an error
   */
  public record Options(
      @Option("Files of token ids, directories or globs of them.") List<FilePattern> path,
      @Option(
              value = "How an id is written, little-endian: uint16 or uint32.",
              defaultValue = "uint16")
          Type type,
      @Option(
              value =
                  "How many ids the tokenizer has that made the files: one beyond shows that the"
                      + " type or the tokenizer is another.",
              min = 1)
          OptionalInt vocabulary,
      @Option(
              value =
                  "Whether a file that is empty, breaks off within an id or has one beyond the"
                      + " vocabulary is an error; otherwise it, or the broken id, is left out and"
                      + " counted.",
              defaultValue = "false")
          boolean strict) {
    /** Requires a pattern. */
    public Options {
      path = SourceFiles.requirePath(path);
    }
  }

  /** A source of the files that the options name. */
  @Inject
  public TokenFiles(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new TokenFileStream(
        MatchedFiles.of(options.path()),
        options.type(),
        options.vocabulary().orElse(Integer.MAX_VALUE),
        new Omissions(options.strict()));
  }
}
