package org.longlora4j.core.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.longlora4j.core.report.StudyResults.Cell;
import org.longlora4j.core.report.StudyResults.Outcome;
import org.longlora4j.core.report.StudyResults.Run;
import org.longlora4j.core.report.StudyResults.State;

/** A study's results as people read them: a row for each cell. */
public final class StudyTable {
  private static final String NOTHING = "\u2013";

  private final StudyResults results;
  private final List<StudyMeasure> measures;
  private final StudyOrder order;

  /** Prepares the table of some results. */
  public StudyTable(StudyResults results) {
    this.results = results;
    this.measures = StudyMeasure.of(results);
    this.order = StudyOrder.of(results);
  }

  /** The heads of the columns. */
  public List<String> columns() {
    List<String> columns = new ArrayList<>(List.of("cell"));
    measures.forEach(measure -> columns.add(measure.title()));
    columns.add("order");
    if (hasPaper()) {
      columns.add("paper");
    }
    columns.addAll(List.of("trained parameters", "seconds", "peak memory"));
    if (hasRemarks()) {
      columns.add("remark");
    }
    return columns;
  }

  /** The rows, each with a text for every column. */
  public List<List<String>> rows() {
    return results.cells().stream().map(this::row).toList();
  }

  private boolean hasPaper() {
    return results.cells().stream().anyMatch(cell -> cell.paper().isPresent());
  }

  private boolean hasRemarks() {
    return results.cells().stream().anyMatch(cell -> !remark(cell).isEmpty());
  }

  private List<String> row(Cell cell) {
    List<String> row = new ArrayList<>(List.of(cell.label()));
    measures.forEach(m -> row.add(m.of(cell).map(m::text).orElse(NOTHING)));
    row.add(order.place(cell).stream().mapToObj(Integer::toString).findFirst().orElse(NOTHING));
    if (hasPaper()) {
      row.add(
          cell.paper().stream()
              .mapToObj(paper -> String.format(Locale.ROOT, "%.2f", paper))
              .findFirst()
              .orElse(NOTHING));
    }
    Optional<Outcome> any = cell.completed().map(run -> run.outcome().orElseThrow()).findFirst();
    boolean trained = cell.trained() && any.isPresent();
    row.add(trained ? Figures.count(any.get().trainedParameters()) : NOTHING);
    row.add(trained ? seconds(cell).map(StudyTable::tenths).orElse(NOTHING) : NOTHING);
    row.add(trained ? Figures.bytes((double) peakMemoryBytes(cell)) : NOTHING);
    if (hasRemarks()) {
      row.add(remark(cell));
    }
    return row;
  }

  static Optional<Spread> seconds(Cell cell) {
    return Spread.of(
        cell.completed().mapToDouble(run -> run.outcome().orElseThrow().seconds()).toArray());
  }

  /** The largest over the seeds. */
  static long peakMemoryBytes(Cell cell) {
    return cell.completed()
        .mapToLong(run -> run.outcome().orElseThrow().peakMemoryBytes())
        .max()
        .orElse(0);
  }

  private static String tenths(Spread spread) {
    return spread.count() == 1
        ? String.format(Locale.ROOT, "%.1f", spread.mean())
        : String.format(
            Locale.ROOT, "%.1f (%.1f\u2013%.1f)", spread.mean(), spread.least(), spread.most());
  }

  private static String remark(Cell cell) {
    String failed =
        cell.runs().stream()
            .filter(run -> run.state() == State.FAILED)
            .map(run -> named(run) + "failed: " + firstLine(run.failure().orElse("")))
            .collect(Collectors.joining("; "));
    long missing =
        cell.runs().stream()
            .filter(run -> run.state() == State.OPEN || run.state() == State.BEGUN)
            .count();
    String open = missing == 0 ? "" : "%d of %d not run".formatted(missing, cell.runs().size());
    return failed.isEmpty() || open.isEmpty() ? failed + open : failed + "; " + open;
  }

  private static String named(Run run) {
    return run.seed().stream().mapToObj(seed -> "seed " + seed + " ").collect(Collectors.joining());
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** How to read the table, and what it says about the order. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    int seeds = results.cells().stream().mapToInt(cell -> cell.runs().size()).max().orElse(0);
    if (seeds > 1) {
      notes.add(
          ("Means over up to %d seeds, in brackets the least and the most; \u2248 stands between"
                  + " neighbours whose ranges overlap.")
              .formatted(seeds));
    } else {
      notes.add("One seed: a difference cannot be told from noise.");
    }
    notes.addAll(order.sentences());
    results.paper().ifPresent(paper -> notes.add("Paper: " + paper));
    return notes;
  }

  StudyResults results() {
    return results;
  }

  List<StudyMeasure> measures() {
    return measures;
  }

  StudyOrder order() {
    return order;
  }
}
