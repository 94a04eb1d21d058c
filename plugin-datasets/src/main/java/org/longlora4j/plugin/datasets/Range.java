package org.longlora4j.plugin.datasets;

import java.util.Random;
import org.longlora4j.api.plugin.Option;

/**
 * From one number to another, both included.
 *
 * @param min the smallest
 * @param max the largest
 */
public record Range(
    @Option(value = "The smallest number.", min = 1) int min,
    @Option(value = "The largest number.", min = 1, max = 1e9) int max) {
  /** Requires that the range is not empty. */
  public Range {
    if (min > max) {
      throw new IllegalArgumentException("min is %d, must be at most max, %d".formatted(min, max));
    }
  }

  /** A number of the range, each as likely as the others. */
  int drawn(Random random) {
    return min + random.nextInt(max - min + 1);
  }
}
