package org.longlora4j.core.report;

import static org.longlora4j.core.report.Figures.coordinate;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A line for each of several things, from the least to the most that was measured of it, with a
 * mark at the mean.
 *
 * @param id of the drawing within the page
 * @param title what it shows
 * @param description what a reader who does not see it should know
 * @param note how to read it; may be empty
 * @param axisLabel what the axis across measures
 * @param scale of that axis
 * @param ranges from the top down
 */
record RangeChart(
    String id,
    String title,
    String description,
    String note,
    String axisLabel,
    Scale scale,
    List<Range> ranges) {
  private static final int WIDTH = 420;
  private static final int RIGHT = 18;
  private static final int TOP = 8;
  private static final int BOTTOM = 48;
  private static final int ROW = 26;
  private static final int LONGEST_LABEL = 190;
  private static final double CHARACTER = 7.2; // of the style sheet's 13 px, rather more than less

  /**
   * One line.
   *
   * @param label stands before it
   * @param emphasized whether it is drawn in the main colour
   * @param spread what it shows
   * @param text what a reader is told who points at it
   */
  record Range(String label, boolean emphasized, Spread spread, String text) {}

  /** What the template draws. */
  record Drawing(
      String id,
      String title,
      String description,
      String note,
      String viewBox,
      int left,
      int right,
      int top,
      int bottom,
      int center,
      int foot,
      List<LineChart.Tick> ticks,
      List<Bar> bars,
      String axisLabel) {}

  /** A line's place, the strip of the plot that belongs to it, and its mark. */
  record Bar(
      String style,
      boolean circle,
      String label,
      int labelX,
      String height,
      String from,
      String to,
      String mean,
      String squareX,
      String squareY,
      String stripY,
      String text) {}

  /** Works out where everything stands. */
  Drawing draw() {
    int longest = ranges.stream().mapToInt(range -> range.label().length()).max().orElse(0);
    int left = (int) Math.min(LONGEST_LABEL, longest * CHARACTER) + 14;
    int right = WIDTH - RIGHT;
    int bottom = TOP + ROW * ranges.size();
    List<Bar> bars = new ArrayList<>();
    IntStream.range(0, ranges.size()).forEach(i -> bars.add(bar(i, left, right)));
    return new Drawing(
        id,
        title,
        description,
        note,
        "0 0 " + WIDTH + " " + (bottom + BOTTOM),
        left,
        right,
        TOP,
        bottom,
        (left + right) / 2,
        bottom + BOTTOM - 8,
        scale.ticks().stream()
            .map(
                tick ->
                    new LineChart.Tick(
                        coordinate(across(tick, left, right)), LineChart.tickText(scale, tick)))
            .toList(),
        bars,
        axisLabel);
  }

  private Bar bar(int row, int left, int right) {
    Range range = ranges.get(row);
    double middle = TOP + ROW * (row + 0.5);
    double mean = across(range.spread().mean(), left, right);
    return new Bar(
        range.emphasized() ? "main" : "other",
        range.emphasized(),
        range.label(),
        left - 10,
        coordinate(middle),
        coordinate(across(range.spread().least(), left, right)),
        coordinate(across(range.spread().most(), left, right)),
        coordinate(mean),
        coordinate(mean - 4),
        coordinate(middle - 4),
        coordinate(middle - ROW / 2.0),
        range.text());
  }

  private double across(double value, int left, int right) {
    return left + scale.at(value) * (right - left);
  }
}
