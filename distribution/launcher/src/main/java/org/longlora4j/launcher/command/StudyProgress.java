package org.longlora4j.launcher.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.report.StudyFiles;
import org.longlora4j.core.report.StudyReport;
import org.longlora4j.core.report.StudyResults;
import org.longlora4j.core.report.StudyTable;
import org.longlora4j.core.study.StudyWatcher;
import org.longlora4j.launcher.progress.ProgressListener;

/** Shows how a study goes on, and keeps its tables and its report up to date. */
final class StudyProgress implements StudyWatcher {
  private final Environment environment;
  private final String command;

  /**
   * A watcher of one study.
   *
   * @param command the command line that goes on with it
   */
  StudyProgress(Environment environment, String command) {
    this.environment = environment;
    this.command = command;
  }

  @Override
  public void onRun(int number, int of, String cell, OptionalLong seed) {
    say(
        "[%d/%d] %s%s"
            .formatted(
                number,
                of,
                cell,
                seed.stream()
                    .mapToObj(known -> ", seed " + known)
                    .findFirst()
                    .orElse(", without training")));
  }

  @Override
  public void onMeasurement() {
    say("measuring");
  }

  @Override
  public List<TrainingListener> trainingListeners() {
    return List.of(new ProgressListener(environment.err(), environment.terminal()));
  }

  @Override
  public void onEnd(StudyResults.Run run, StudyResults results) {
    run.outcome()
        .map(
            outcome ->
                outcome.measured().perplexity().stream()
                    .map(at -> "%.4f at %d".formatted(at.perplexity(), at.length()))
                    .collect(Collectors.joining(", ", "perplexity ", "")))
        .ifPresent(this::say);
    run.failure().ifPresent(why -> say("FAILED: " + why));
    write(results);
  }

  /** Writes the tables and the report. */
  void write(StudyResults results) {
    StudyTable table = new StudyTable(results);
    try {
      new StudyFiles(table).write();
      new StudyReport().write(table, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void say(String text) {
    environment.err().println(text);
  }
}
