package org.longlora4j.core.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/** What a run took, part by part. */
final class Costs {
  private final RunSummary summary;

  /** A whole and its parts. */
  record Parts(String title, String kind, String unit, List<Part> rows, String note) {}

  /**
   * A part.
   *
   * @param width of its bar, from 0 to 100
   * @param percent its share of the whole
   * @param value with its unit
   */
  record Part(String name, String width, String percent, String value) {}

  Costs(RunSummary summary) {
    this.summary = summary;
  }

  List<Parts> all() {
    List<Parts> all = new ArrayList<>();
    if (!summary.phases().isEmpty()) {
      all.add(time());
    }
    if (!summary.memory().isEmpty()) {
      all.add(memory());
    }
    return all;
  }

  private Parts time() {
    Map<String, Double> phases = new LinkedHashMap<>(summary.phases());
    double counted = phases.values().stream().mapToDouble(Double::doubleValue).sum();
    phases.put("rest", Math.max(0, summary.seconds() - counted));
    return new Parts(
        "Time by phase",
        "phase",
        "time",
        rows(phases, summary.seconds(), Figures::duration),
        "%s in all, measured by the training loop; reading the model comes before."
            .formatted(Figures.duration(summary.seconds())));
  }

  private Parts memory() {
    Map<String, Double> parts = new LinkedHashMap<>();
    summary.memory().forEach((name, bytes) -> parts.put(name, bytes.doubleValue()));
    double tensors = parts.values().stream().mapToDouble(Double::doubleValue).sum();
    parts.put("the_rest_of_the_peak", Math.max(0, (double) summary.peakMemoryBytes() - tensors));
    return new Parts(
        "Memory by part",
        "part",
        "size",
        rows(parts, (double) summary.peakMemoryBytes(), Figures::bytes),
        "Sizes of tensors. What remains of the peak of %s is activations, libraries and the Java heap."
            .formatted(Figures.bytes((double) summary.peakMemoryBytes())));
  }

  private static List<Part> rows(
      Map<String, Double> parts, double whole, DoubleFunction<String> text) {
    List<Part> rows = new ArrayList<>();
    parts.forEach(
        (name, size) -> {
          double share = whole > 0 ? Math.min(1, size / whole) : 0;
          rows.add(
              new Part(
                  name.replace('_', ' '),
                  Figures.coordinate(100 * share),
                  Figures.percent(share),
                  text.apply(size)));
        });
    return rows;
  }
}
