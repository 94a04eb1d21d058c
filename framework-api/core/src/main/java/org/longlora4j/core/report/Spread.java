package org.longlora4j.core.report;

import java.util.Arrays;
import java.util.Optional;

/**
 * One quantity over the seeds of a cell.
 *
 * @param count how many seeds it was measured with, at least 1
 * @param mean over them
 * @param least of them
 * @param most of them
 */
public record Spread(int count, double mean, double least, double most) {
  /** The spread of some values; empty without any. */
  public static Optional<Spread> of(double... values) {
    return values.length == 0
        ? Optional.empty()
        : Optional.of(
            new Spread(
                values.length,
                Arrays.stream(values).average().orElseThrow(),
                Arrays.stream(values).min().orElseThrow(),
                Arrays.stream(values).max().orElseThrow()));
  }

  /** Whether some value of one lies among those of the other. */
  public boolean overlaps(Spread other) {
    return least <= other.most && other.least <= most;
  }
}
