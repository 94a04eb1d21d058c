package org.longlora4j.core.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * Writes {@code report.html}: one file without scripts that loads nothing, made from the files of a
 * run's directory.
 *
 * <p>It reads {@code recipe.yaml}, {@code run.json}, {@code metrics.jsonl}, {@code
 * evaluation.jsonl}, {@code summary.json} and {@code evaluation/{before,after}.json}; sections
 * whose file is absent are left out. So it can be written again when a file was added.
 */
public final class Report {
  /** The page's name in a run's directory. */
  public static final String FILE = "report.html";

  private final Template template;

  /** Compiles the page's template, which escapes whatever is put into it. */
  public Report() {
    template =
        Mustache.compiler()
            .emptyStringIsFalse(true)
            .withLoader(name -> open(name + ".mustache"))
            .compile(open("report.mustache"));
  }

  private static Reader open(String resource) {
    return new InputStreamReader(Report.class.getResourceAsStream(resource), UTF_8);
  }

  /**
   * Writes the page of a run, over an older one.
   *
   * @param run the run's directory
   * @return the page
   * @throws org.longlora4j.api.plugin.InvalidInputException if the directory holds no run
   */
  public Path write(Path run) {
    Path page = run.resolve(FILE);
    try (InputStream style = Report.class.getResourceAsStream("report.css")) {
      Page content = Page.of(RunFiles.read(run), new String(style.readAllBytes(), UTF_8));
      AtomicFile.write(page, template.execute(content));
      return page;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
