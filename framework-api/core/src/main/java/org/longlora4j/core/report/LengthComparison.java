package org.longlora4j.core.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.longlora4j.core.report.LineChart.Axis;
import org.longlora4j.core.report.LineChart.Drawing;
import org.longlora4j.core.report.LineChart.Point;
import org.longlora4j.core.report.LineChart.Series;
import org.longlora4j.core.report.LineChart.Style;
import org.longlora4j.core.report.Measurements.Passkey;
import org.longlora4j.core.report.Measurements.Perplexity;

/** What the model could do at each length before its training, and can after. */
final class LengthComparison {
  private final Measurements before;
  private final Measurements after;

  /** Accuracies by depth and length, as a table whose cells are shaded. */
  record HeatMap(String title, List<String> lengths, List<Row> rows) {}

  /** All lengths at one depth. */
  record Row(String depth, List<Cell> cells) {}

  /**
   * One accuracy.
   *
   * @param share from 0 to 1, for the shade
   * @param value what stands in the cell
   * @param text what a reader is told who points at it
   */
  record Cell(String share, String value, String text) {}

  LengthComparison(RunFiles run) {
    before = run.before();
    after = run.after();
  }

  Optional<Drawing> perplexity() {
    List<Perplexity> all =
        Stream.concat(before.perplexity().stream(), after.perplexity().stream()).toList();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    List<Series> series = new ArrayList<>();
    addSeries(series, "before", Style.OTHER, before.perplexity());
    addSeries(series, "after", Style.MAIN, after.perplexity());
    double least = all.stream().mapToDouble(Perplexity::perplexity).min().orElseThrow();
    double most = all.stream().mapToDouble(Perplexity::perplexity).max().orElseThrow();
    return Optional.of(
        new LineChart(
                "perplexity",
                "Perplexity by length",
                "Perplexity in windows of %s tokens before and after the training. A table has the figures."
                    .formatted(String.join(", ", lengths(all.stream().map(Perplexity::length)))),
                "Lower is better. Both axes are logarithmic.",
                new Axis(
                    "length (tokens)",
                    Scale.ofLengths(all.stream().map(Perplexity::length).toList())),
                new Axis("perplexity", Scale.logarithmic(least, most)),
                series)
            .draw());
  }

  private static void addSeries(
      List<Series> to, String label, Style style, List<Perplexity> measured) {
    if (!measured.isEmpty()) {
      List<Point> points =
          measured.stream()
              .sorted(Comparator.comparingInt(Perplexity::length))
              .map(
                  at ->
                      new Point(
                          at.length(),
                          at.perplexity(),
                          "%s, %s tokens: perplexity %s"
                              .formatted(
                                  label,
                                  Figures.count(at.length()),
                                  Figures.number(at.perplexity()))))
              .toList();
      to.add(new Series(label, style, true, points));
    }
  }

  private static List<String> lengths(Stream<Integer> lengths) {
    return lengths.distinct().sorted().map(Figures::count).toList();
  }

  Optional<Table> perplexityTable() {
    List<Integer> lengths =
        Stream.concat(before.perplexity().stream(), after.perplexity().stream())
            .map(Perplexity::length)
            .distinct()
            .sorted()
            .toList();
    return lengths.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Table(
                "Perplexity by length",
                List.of("tokens", "before", "after"),
                lengths.stream()
                    .map(
                        length ->
                            List.of(
                                Figures.count(length),
                                at(before.perplexity(), length),
                                at(after.perplexity(), length)))
                    .toList()));
  }

  private static String at(List<Perplexity> measured, int length) {
    return measured.stream()
        .filter(one -> one.length() == length)
        .findFirst()
        .map(one -> Figures.number(one.perplexity()))
        .orElse("–");
  }

  List<HeatMap> passkey() {
    List<HeatMap> maps = new ArrayList<>();
    if (!before.passkey().isEmpty()) {
      maps.add(heatMap("Passkey retrieval before", before.passkey()));
    }
    if (!after.passkey().isEmpty()) {
      maps.add(heatMap("Passkey retrieval after", after.passkey()));
    }
    return maps;
  }

  private static HeatMap heatMap(String title, List<Passkey> measured) {
    List<Integer> lengths = measured.stream().map(Passkey::length).distinct().sorted().toList();
    List<Row> rows =
        measured.stream()
            .map(Passkey::depth)
            .distinct()
            .sorted()
            .map(
                depth ->
                    new Row(
                        Figures.percent(depth),
                        lengths.stream().map(length -> cell(measured, length, depth)).toList()))
            .toList();
    return new HeatMap(title, lengths.stream().map(Figures::count).toList(), rows);
  }

  private static Cell cell(List<Passkey> measured, int length, double depth) {
    return measured.stream()
        .filter(one -> one.length() == length && one.depth() == depth)
        .findFirst()
        .map(
            one ->
                new Cell(
                    Figures.number(one.accuracy()),
                    String.format(Locale.ROOT, "%.2f", one.accuracy()),
                    "%s tokens, depth %s: %d of %d texts"
                        .formatted(
                            Figures.count(length),
                            Figures.percent(depth),
                            Math.round(one.accuracy() * one.trials()),
                            one.trials())))
        .orElse(new Cell("0", "–", "not measured"));
  }
}
