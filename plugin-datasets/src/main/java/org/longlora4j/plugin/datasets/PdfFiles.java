package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;

/**
 * The text of PDF files, each of them a document: its pages one after another, by Apache PDFBox.
 *
 * <p>A file is in memory as text while its pieces are given. To resume a run the files before it
 * are read again, since how much text a file has shows only then.
 */
public final class PdfFiles implements DocumentSource {
  private final Options options;

  /** In which order the text of a page comes. */
  public enum Order {
    /** As the file holds it, which is as it is read in nearly all files, columns included. */
    FILE,
    /** From the top to the bottom, and from the left to the right. */
    POSITION
  }

  /**
   * What a recipe may say.
   *
   * @param path which files
   * @param order in which the text of a page comes
   * @param shuffle whether the order of files changes with the seed and from epoch to epoch
   * @param strict whether what cannot be used is an error
   */
  public record Options(
      @Option("PDF files, directories or globs such as papers/**/*.pdf.") List<FilePattern> path,
      @Option(
              value =
                  "The order of a page's text: file, as the file holds it, which keeps columns"
                      + " apart, or position, line by line from the top, for files that hold it out"
                      + " of order.",
              defaultValue = "file")
          Order order,
      @Option(
              value = "Whether to shuffle the files, differently in each epoch, by the seed.",
              defaultValue = "true")
          boolean shuffle,
      @Option(
              value =
                  "Whether a file that is broken, encrypted or without text is an error; otherwise"
                      + " it is left out and counted.",
              defaultValue = "false")
          boolean strict) {
    /** Requires a pattern. */
    public Options {
      path = SourceFiles.requirePath(path);
    }
  }

  /** A source of the files that the options name. */
  @Inject
  public PdfFiles(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    List<Path> files = MatchedFiles.of(options.path());
    if (options.shuffle()) {
      files = DocumentOrder.shuffled(files, epoch, seed);
    }
    return new WholeTextStream(
        new PdfReader(files, options.order() == Order.POSITION, new Omissions(options.strict())));
  }
}
