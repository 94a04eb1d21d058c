package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Random;

/** Tensors of random numbers, the same in every run, and how near two of them are. */
final class Drawn {
  private final Random random;

  Drawn(long seed) {
    random = new Random(seed);
  }

  /** Standard normal numbers, times a factor. */
  float[] normal(long count, double factor) {
    float[] numbers = new float[Math.toIntExact(count)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (factor * random.nextGaussian());
    }
    return numbers;
  }

  /** A tensor of standard normal numbers, times a factor. */
  NDArray normal(NDManager owner, Shape shape, double factor) {
    return owner.create(normal(shape.size(), factor), shape);
  }

  /**
   * Fails unless the numbers are the same but for rounding.
   *
   * @param tolerance of the largest difference, as a part of the largest number or of 1
   */
  static void assertNear(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    double largest = 1;
    for (float number : expected) {
      largest = Math.max(largest, Math.abs(number));
    }
    for (int i = 0; i < actual.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance * largest)) {
        throw new AssertionError(
            "%s: element %d of %d is %s, must be %s within %s"
                .formatted(what, i, actual.length, actual[i], expected[i], tolerance * largest));
      }
    }
  }
}
