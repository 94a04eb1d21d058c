package org.longlora4j.core.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

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

  private final PageTemplate template = new PageTemplate("report");

  /**
   * Writes the page of a run, over an older one.
   *
   * @param run the run's directory
   * @return the page
   * @throws org.longlora4j.api.plugin.InvalidInputException if the directory holds no run
   */
  public Path write(Path run) {
    Path page = run.resolve(FILE);
    try {
      template.write(page, Page.of(RunFiles.read(run), template.style()));
      return page;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
