package org.longlora4j.core.report;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.longlora4j.core.report.RangeChart.Range;
import org.longlora4j.core.report.StudyMeasure.Kind;
import org.longlora4j.core.report.StudyResults.Cell;
import org.longlora4j.core.report.StudyResults.Outcome;
import org.longlora4j.core.report.StudyResults.Run;
import org.longlora4j.core.report.StudyResults.State;

/**
 * All that the template puts into a study's page, by the names that it has there.
 *
 * @param style the style sheet, not escaped
 */
record StudyPage(
    String style,
    String title,
    Headline.Status status,
    String about,
    List<Headline.Fact> facts,
    Table results,
    List<String> notes,
    boolean hasCharts,
    List<RangeChart.Drawing> charts,
    Table runs,
    List<Page.Command> commands,
    String studyText,
    String directory) {
  /** Ratio of largest and smallest value from which a logarithmic axis shows more. */
  private static final double WIDE = 20;

  private static final String NOTHING = "\u2013";

  static StudyPage of(StudyTable table, String command, String style) throws IOException {
    StudyResults results = table.results();
    List<RangeChart.Drawing> charts =
        table.measures().stream().map(measure -> chart(measure, results)).toList();
    return new StudyPage(
        style,
        results.title(),
        status(results),
        results.about().orElse(""),
        facts(results),
        new Table("By cell", table.columns(), table.rows()),
        table.notes(),
        !charts.isEmpty(),
        charts,
        runs(table),
        List.of(
            new Page.Command(
                "Start it again; what is completed is not repeated, so name another output to"
                    + " repeat all of it:",
                command)),
        Files.readString(results.file()),
        results.directory().toString());
  }

  private static Headline.Status status(StudyResults results) {
    long all = results.runs().count();
    long completed = results.count(State.COMPLETED);
    long failed = results.count(State.FAILED);
    String counts = "%d of %d runs".formatted(completed, all);
    if (failed > 0) {
      return new Headline.Status("failed", "%s completed, %d failed.".formatted(counts, failed));
    }
    return completed == all
        ? new Headline.Status("completed", "Completed: " + counts + ".")
        : new Headline.Status("stopped", "Not ended: " + counts + ".");
  }

  private static List<Headline.Fact> facts(StudyResults results) {
    long trained = results.cells().stream().filter(Cell::trained).count();
    long seeds = results.cells().stream().mapToInt(c -> c.runs().size()).max().orElse(0);
    List<Outcome> outcomes = results.runs().flatMap(run -> run.outcome().stream()).toList();
    List<Headline.Fact> facts = new ArrayList<>();
    facts.add(
        new Headline.Fact(
            "Cells",
            Figures.count(results.cells().size()),
            trained == results.cells().size() ? "" : Figures.count(trained) + " of them trained"));
    facts.add(new Headline.Fact("Seeds", Figures.count(seeds), "for each trained cell"));
    facts.add(
        new Headline.Fact(
            "Time",
            Figures.duration(outcomes.stream().mapToDouble(Outcome::seconds).sum()),
            "of training in all"));
    facts.add(
        new Headline.Fact(
            "Peak memory",
            Figures.bytes(
                (double) outcomes.stream().mapToLong(Outcome::peakMemoryBytes).max().orElse(0)),
            "largest resident memory of the process"));
    return facts;
  }

  private static RangeChart.Drawing chart(StudyMeasure measure, StudyResults results) {
    List<Range> ranges = new ArrayList<>();
    for (Cell cell : results.cells()) {
      measure
          .of(cell)
          .ifPresent(
              spread ->
                  ranges.add(
                      new Range(
                          cell.label(),
                          cell.trained(),
                          spread,
                          "%s: %s".formatted(cell.label(), measure.text(spread)))));
    }
    String title = measure.title() + " tokens";
    boolean lower = measure.kind() == Kind.PERPLEXITY;
    return new RangeChart(
            measure.key(),
            title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1),
            "Mean and range over the seeds, cell by cell. The table above has the figures.",
            (lower ? "Lower is better." : "Share of keys found; higher is better.")
                + (results.cells().stream().allMatch(Cell::trained)
                    ? ""
                    : " Squares: without training."),
            lower ? "perplexity" : "share of keys found",
            lower ? scale(ranges) : Scale.linear(0, 1),
            ranges)
        .draw();
  }

  private static Scale scale(List<Range> ranges) {
    double least = ranges.stream().mapToDouble(r -> r.spread().least()).min().orElseThrow();
    double most = ranges.stream().mapToDouble(r -> r.spread().most()).max().orElseThrow();
    return most / least > WIDE ? Scale.logarithmic(least, most) : Scale.linear(least, most);
  }

  private static Table runs(StudyTable table) {
    List<String> columns = new ArrayList<>(List.of("cell", "seed", "state"));
    table.measures().forEach(measure -> columns.add(measure.title()));
    columns.addAll(List.of("seconds", "peak memory", "directory"));
    List<List<String>> rows = new ArrayList<>();
    for (Cell cell : table.results().cells()) {
      cell.runs().forEach(run -> rows.add(row(table, cell, run)));
    }
    return new Table("By cell and seed", columns, rows);
  }

  private static List<String> row(StudyTable table, Cell cell, Run run) {
    List<String> row = new ArrayList<>();
    row.add(cell.label());
    row.add(run.seed().stream().mapToObj(Long::toString).findFirst().orElse("untrained"));
    String state = run.state().name().toLowerCase(Locale.ROOT);
    row.add(run.failure().map(why -> state + ": " + why).orElse(state));
    for (StudyMeasure measure : table.measures()) {
      row.add(
          run.outcome().stream()
              .flatMapToDouble(outcome -> measure.in(outcome.measured()).stream())
              .mapToObj(measure::text)
              .findFirst()
              .orElse(NOTHING));
    }
    Optional<Outcome> trained = run.outcome().filter(outcome -> cell.trained());
    row.add(trained.map(o -> String.format(Locale.ROOT, "%.1f", o.seconds())).orElse(NOTHING));
    row.add(trained.map(o -> Figures.bytes((double) o.peakMemoryBytes())).orElse(NOTHING));
    row.add(
        cell.trained()
            ? table.results().directory().relativize(run.directory()).toString()
            : NOTHING);
    return row;
  }
}
