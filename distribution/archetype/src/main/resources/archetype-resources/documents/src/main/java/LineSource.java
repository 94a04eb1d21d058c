package ${package};

import com.google.inject.Inject;
import java.util.List;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;

/** Each line of some text files is a document. */
public final class LineSource implements DocumentSource {
  /**
   * What a recipe says about {@code ${artifactId}}.
   *
   * @param path which files
   */
  public record Options(
      @Option("Files, directories or globs of UTF-8 text, each line of which is a document.")
          List<FilePattern> path) {}

  private final List<FilePattern> path;

  @Inject
  LineSource(Options options) {
    path = options.path();
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new LineStream(MatchedFiles.of(path));
  }
}
