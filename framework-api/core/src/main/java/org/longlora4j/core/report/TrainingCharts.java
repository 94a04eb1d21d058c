package org.longlora4j.core.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.longlora4j.core.report.LineChart.Axis;
import org.longlora4j.core.report.LineChart.Drawing;
import org.longlora4j.core.report.LineChart.Point;
import org.longlora4j.core.report.LineChart.Series;
import org.longlora4j.core.report.LineChart.Style;
import org.longlora4j.core.report.RunFiles.HeldOut;
import org.longlora4j.core.report.RunFiles.Step;

/** What a run measured, step by step. At least one step was taken. */
final class TrainingCharts {
  /** More points than this are not told apart at a chart's width. */
  private static final int POINTS = 150;

  private static final int TABLE_ROWS = 50;

  /** From this many steps on, the loss is easier read as a mean over some of them. */
  private static final int STEPS_TO_SMOOTH = 50;

  /** Ratio of largest and smallest value from which a logarithmic axis shows more. */
  private static final double WIDE = 20;

  private final List<Step> steps;
  private final List<HeldOut> heldOut;

  TrainingCharts(RunFiles run) {
    steps = run.steps();
    heldOut = run.heldOut();
  }

  List<Drawing> drawings() {
    return List.of(
        loss(),
        single("learning-rate", "Learning rate", "learning rate", "", Step::learningRate),
        single("gradient-norm", "Gradient norm before clipping", "L2 norm", "", Step::gradNorm),
        single("speed", "Speed", "tokens a second", "tokens/s", Step::tokensPerSecond));
  }

  private Drawing loss() {
    List<Series> series = new ArrayList<>();
    int window = steps.size() < STEPS_TO_SMOOTH ? 1 : Math.max(5, steps.size() / 20);
    boolean several = !heldOut.isEmpty();
    String name = several ? "training" : "";
    if (window > 1) {
      series.add(new Series("", Style.FAINT, false, points(steps, Step::loss, "")));
    }
    if (several) {
      series.add(new Series("held out", Style.OTHER, true, heldOutPoints()));
    }
    series.add(
        new Series(name, Style.MAIN, steps.size() == 1, points(means(window), Step::loss, "")));
    double[] all =
        series.stream()
            .flatMapToDouble(line -> line.points().stream().mapToDouble(Point::y))
            .toArray();
    return new LineChart(
            "loss",
            several ? "Loss in training and on held-out rows" : "Loss in training",
            describe("Loss", "nats a token", Step::loss),
            note(window),
            stepAxis(),
            new Axis("loss (nats a token)", scale(all)),
            series)
        .draw();
  }

  private String note(int window) {
    String smoothed =
        window == 1
            ? ""
            : "Bold: the mean of the last %d steps; thin: single steps. ".formatted(window);
    return smoothed
        + (heldOut.isEmpty()
            ? ""
            : "Held-out loss is measured with dense attention, as the model will be used.");
  }

  private List<Point> heldOutPoints() {
    return heldOut.stream()
        .map(
            measured ->
                new Point(
                    measured.step(),
                    measured.loss(),
                    "after step %s: held-out loss %s"
                        .formatted(
                            Figures.count(measured.step()), Figures.number(measured.loss()))))
        .toList();
  }

  /** Each step with the mean loss of the steps up to it. */
  private List<Step> means(int window) {
    return IntStream.range(0, steps.size())
        .mapToObj(
            i -> {
              Step step = steps.get(i);
              double mean = mean(steps.subList(Math.max(0, i + 1 - window), i + 1), Step::loss);
              return new Step(
                  step.step(), mean, step.gradNorm(), step.learningRate(), step.tokensPerSecond());
            })
        .toList();
  }

  private static double mean(List<Step> of, ToDoubleFunction<Step> value) {
    return of.stream().mapToDouble(value).average().orElseThrow();
  }

  private Drawing single(
      String id, String title, String axis, String unit, ToDoubleFunction<Step> value) {
    List<Point> points = points(steps, value, unit.isEmpty() ? "" : " " + unit);
    double[] values = points.stream().mapToDouble(Point::y).toArray();
    return new LineChart(
            id,
            title,
            describe(title, unit, value),
            "",
            stepAxis(),
            new Axis(axis, scale(values)),
            List.of(new Series("", Style.MAIN, points.size() == 1, points)))
        .draw();
  }

  private String describe(String what, String unit, ToDoubleFunction<Step> value) {
    String all =
        "%s from step %s to step %s: first %s, last %s, least %s, most %s"
            .formatted(
                what,
                Figures.count(steps.get(0).step()),
                Figures.count(steps.get(steps.size() - 1).step()),
                Figures.number(value.applyAsDouble(steps.get(0))),
                Figures.number(value.applyAsDouble(steps.get(steps.size() - 1))),
                Figures.number(steps.stream().mapToDouble(value).min().orElseThrow()),
                Figures.number(steps.stream().mapToDouble(value).max().orElseThrow()));
    return all + (unit.isEmpty() ? "" : " " + unit) + ". The table below has the figures.";
  }

  private Axis stepAxis() {
    int last = steps.get(steps.size() - 1).step();
    return new Axis("step", Scale.linear(0, last));
  }

  private static Scale scale(double[] values) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (least > 0 && most / least > WIDE) {
      return Scale.logarithmic(least, most);
    }
    boolean nearZero = least >= 0 && (least < most / 2 || least == most);
    return Scale.linear(nearZero ? 0 : least, most);
  }

  /** A point for each step, or for the mean of some when there are many. */
  private static List<Point> points(List<Step> of, ToDoubleFunction<Step> value, String unit) {
    int each = (of.size() + POINTS - 1) / POINTS;
    List<Point> points = new ArrayList<>();
    for (int from = 0; from < of.size(); from += each) {
      List<Step> some = of.subList(from, Math.min(from + each, of.size()));
      double mean = mean(some, value);
      Step first = some.get(0);
      Step last = some.get(some.size() - 1);
      String which =
          some.size() == 1
              ? "step " + Figures.count(first.step())
              : "steps %s to %s".formatted(Figures.count(first.step()), Figures.count(last.step()));
      points.add(
          new Point(
              (first.step() + last.step()) / 2.0,
              mean,
              which + ": " + Figures.number(mean) + unit));
    }
    return points;
  }

  Table table() {
    int each = (steps.size() + TABLE_ROWS - 1) / TABLE_ROWS;
    Map<Integer, Double> measured =
        heldOut.stream().collect(Collectors.toMap(HeldOut::step, HeldOut::loss, (a, b) -> b));
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (i % each == 0 || i == steps.size() - 1) {
        rows.add(row(step, Optional.ofNullable(measured.get(step.step()))));
      }
    }
    return new Table(
        each == 1
            ? "Every step"
            : "One of every %d steps; metrics.jsonl and evaluation.jsonl have them all"
                .formatted(each),
        List.of("step", "loss", "held-out loss", "gradient norm", "learning rate", "tokens/s"),
        rows);
  }

  private static List<String> row(Step step, Optional<Double> heldOut) {
    return List.of(
        Figures.count(step.step()),
        Figures.loss(step.loss()),
        heldOut.map(Figures::loss).orElse("–"),
        Figures.number(step.gradNorm()),
        Figures.number(step.learningRate()),
        Figures.number(step.tokensPerSecond()));
  }
}
