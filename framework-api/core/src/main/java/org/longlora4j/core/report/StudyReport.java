package org.longlora4j.core.report;

import java.io.IOException;
import java.nio.file.Path;

/** Writes a study's {@code report.html}: one file without scripts that loads nothing. */
public final class StudyReport {
  private final PageTemplate template = new PageTemplate("study");

  /**
   * Writes the page of a study into its directory, over an older one.
   *
   * @param table the results
   * @param command the command line that carries the study out
   * @return the page
   * @throws IOException if the disk does not take it
   */
  public Path write(StudyTable table, String command) throws IOException {
    Path page = table.results().directory().resolve(Report.FILE);
    template.write(page, StudyPage.of(table, command, template.style()));
    return page;
  }
}
