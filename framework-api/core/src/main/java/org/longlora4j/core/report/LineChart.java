package org.longlora4j.core.report;

import static org.longlora4j.core.report.Figures.coordinate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Lines over two axes.
 *
 * @param id of the drawing within the page
 * @param title what it shows
 * @param description what a reader who does not see it should know
 * @param note how to read it; may be empty
 * @param x the axis across
 * @param y the axis upwards
 * @param series the lines; the first lies lowest
 */
record LineChart(
    String id, String title, String description, String note, Axis x, Axis y, List<Series> series) {
  private static final int WIDTH = 420;
  private static final int HEIGHT = 280;
  private static final int LEFT = 76;
  private static final int RIGHT = 16;
  private static final int RIGHT_WITH_LABELS = 76;
  private static final int TOP = 12;
  private static final int BOTTOM = 52;
  private static final int LABEL_DISTANCE = 18;

  /** An axis and what it measures, with its unit. */
  record Axis(String label, Scale scale) {}

  /** How a line is drawn; its name in lower case is a class of the style sheet. */
  enum Style {
    /** What came out: the line that a reader looks for. */
    MAIN,
    /** What it is compared with. */
    OTHER,
    /** The single values behind a mean. */
    FAINT
  }

  /**
   * A line.
   *
   * @param label stands at its end; empty for none
   * @param style how it is drawn
   * @param marked whether each point has a mark; if not, it shows when it is pointed at
   * @param points from left to right, at least one
   */
  record Series(String label, Style style, boolean marked, List<Point> points) {}

  /** A point and what a reader is told who points at it. */
  record Point(double x, double y, String text) {}

  /** What the template draws. */
  record Drawing(
      String id,
      String title,
      String description,
      String note,
      String viewBox,
      Frame frame,
      List<Tick> across,
      List<Tick> upwards,
      List<Line> lines,
      List<Label> labels,
      String acrossLabel,
      String upwardsLabel) {}

  /** The corners of the plot and where the axes' labels stand. */
  record Frame(int left, int right, int top, int bottom, int middle, int center, int foot) {}

  /** A value that an axis names. */
  record Tick(String at, String text) {}

  /** A line's path and marks. */
  record Line(String style, String path, boolean marked, boolean circles, List<Mark> marks) {}

  /** A point, the room about it that belongs to it, and its text. */
  record Mark(String x, String y, String squareX, String squareY, Band band, String text) {}

  /** A part of the plot from top to bottom. */
  record Band(String from, String width) {}

  /** The name at a line's end. */
  record Label(String style, String x, String y, String text) {}

  /** Works out where everything stands. */
  Drawing draw() {
    boolean labelled = series.stream().anyMatch(line -> !line.label().isEmpty());
    int right = WIDTH - (labelled ? RIGHT_WITH_LABELS : RIGHT);
    int bottom = HEIGHT - BOTTOM;
    return new Drawing(
        id,
        title,
        description,
        note,
        "0 0 " + WIDTH + " " + HEIGHT,
        new Frame(LEFT, right, TOP, bottom, (TOP + bottom) / 2, (LEFT + right) / 2, HEIGHT - 8),
        x.scale().ticks().stream()
            .map(tick -> new Tick(coordinate(across(tick, right)), tickText(x.scale(), tick)))
            .toList(),
        y.scale().ticks().stream()
            .map(tick -> new Tick(coordinate(upwards(tick)), tickText(y.scale(), tick)))
            .toList(),
        series.stream().map(line -> line(line, right)).toList(),
        labels(right),
        x.label(),
        y.label());
  }

  private double across(double value, int right) {
    return LEFT + x.scale().at(value) * (right - LEFT);
  }

  private double upwards(double value) {
    int bottom = HEIGHT - BOTTOM;
    return bottom - y.scale().at(value) * (bottom - TOP);
  }

  /** The rounding of sums of steps must not show. */
  static String tickText(Scale scale, double tick) {
    double width = scale.max() - scale.min();
    return Math.abs(tick) < width * 1e-9 ? "0" : Figures.number(tick);
  }

  private Line line(Series line, int right) {
    String path =
        line.points().stream()
            .map(
                point ->
                    coordinate(across(point.x(), right)) + " " + coordinate(upwards(point.y())))
            .collect(Collectors.joining("L", "M", ""));
    List<Mark> marks = line.style() == Style.FAINT ? List.of() : marks(line.points(), right);
    return new Line(
        line.style().name().toLowerCase(Locale.ROOT),
        path,
        line.marked(),
        line.style() == Style.MAIN,
        marks);
  }

  /** Each point is pointed at from half the way to its neighbours. */
  private List<Mark> marks(List<Point> points, int right) {
    List<Mark> marks = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      double at = across(points.get(i).x(), right);
      double from = i == 0 ? LEFT : (across(points.get(i - 1).x(), right) + at) / 2;
      double to = i == points.size() - 1 ? right : (across(points.get(i + 1).x(), right) + at) / 2;
      double height = upwards(points.get(i).y());
      marks.add(
          new Mark(
              coordinate(at),
              coordinate(height),
              coordinate(at - 4),
              coordinate(height - 4),
              new Band(coordinate(from), coordinate(to - from)),
              points.get(i).text()));
    }
    return marks;
  }

  /** Names stand beside the lines' ends, apart from each other. */
  private List<Label> labels(int right) {
    List<Series> named =
        series.stream()
            .filter(line -> !line.label().isEmpty())
            .sorted(Comparator.comparingDouble(line -> upwards(last(line).y())))
            .toList();
    List<Label> labels = new ArrayList<>();
    double lowest = Double.NEGATIVE_INFINITY;
    for (Series line : named) {
      double height = Math.max(upwards(last(line).y()) + 5, lowest + LABEL_DISTANCE);
      lowest = height;
      labels.add(
          new Label(
              line.style().name().toLowerCase(Locale.ROOT),
              coordinate(across(last(line).x(), right) + 8),
              coordinate(height),
              line.label()));
    }
    return labels;
  }

  private static Point last(Series line) {
    return line.points().get(line.points().size() - 1);
  }
}
