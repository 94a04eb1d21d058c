package org.longlora4j.core.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Places values along an axis.
 *
 * @param min the value at the beginning
 * @param max the value at the end, larger
 * @param logarithmic whether equal ratios, not equal differences, take equal room
 * @param ticks the values that the axis names, ascending
 */
record Scale(double min, double max, boolean logarithmic, List<Double> ticks) {
  private static final int TICKS = 5;
  private static final double[] MULTIPLES = {1, 2, 5, 10};

  /** Round values about a range, and the range widened to them. */
  static Scale linear(double least, double most) {
    double width = most > least ? most - least : Math.max(Math.abs(most), 1e-9);
    double step = roundStep(width / (TICKS - 1));
    double min = Math.floor(least / step + 1e-9) * step;
    double max = Math.ceil(most / step - 1e-9) * step;
    if (max <= min) {
      max = min + step;
    }
    List<Double> ticks = new ArrayList<>();
    for (long i = 0; i <= Math.round((max - min) / step); i++) {
      ticks.add(min + i * step);
    }
    return new Scale(min, max, false, List.copyOf(ticks));
  }

  private static double roundStep(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(step)));
    return DoubleStream.of(MULTIPLES)
        .map(multiple -> multiple * power)
        .filter(rounded -> rounded >= step * (1 - 1e-9))
        .findFirst()
        .orElse(10 * power);
  }

  /**
   * One, two and five times the powers of ten about a range, or the powers alone when those are
   * many.
   *
   * @param least positive
   */
  static Scale logarithmic(double least, double most) {
    List<Double> ticks = new ArrayList<>();
    int first = (int) Math.floor(Math.log10(least));
    int last = (int) Math.ceil(Math.log10(most));
    boolean dense = Math.log10(most / least) < 2;
    for (int power = first; power <= last; power++) {
      for (double multiple : dense ? new double[] {1, 2, 5} : new double[] {1}) {
        ticks.add(multiple * Math.pow(10, power));
      }
    }
    while (ticks.size() > 2 && ticks.get(1) <= least) {
      ticks.remove(0);
    }
    while (ticks.size() > 2 && ticks.get(ticks.size() - 2) >= most) {
      ticks.remove(ticks.size() - 1);
    }
    return new Scale(ticks.get(0), ticks.get(ticks.size() - 1), true, List.copyOf(ticks));
  }

  /** From the first to the last of some positive values, each of them a tick. */
  static Scale ofLengths(List<Integer> lengths) {
    List<Double> ticks = lengths.stream().distinct().sorted().map(Integer::doubleValue).toList();
    double min = ticks.get(0);
    double max = ticks.get(ticks.size() - 1);
    return new Scale(min, max > min ? max : 2 * min, true, ticks);
  }

  /** From 0 to 1 for the values between the ends. */
  double at(double value) {
    return logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  }
}
