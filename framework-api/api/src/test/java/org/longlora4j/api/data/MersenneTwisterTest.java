package org.longlora4j.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Against {@code numpy.random.RandomState} of numpy 2.4. */
class MersenneTwisterTest {
  private static int[] drawn(long seed, int low, int high, int passedOver, int count) {
    MersenneTwister random = new MersenneTwister(seed);
    return IntStream.generate(() -> random.between(low, high))
        .skip(passedOver)
        .limit(count)
        .toArray();
  }

  @Test
  void theNumbersAreThoseOfNumpy() {
    assertThat(drawn(0, 0, Integer.MAX_VALUE, 0, 4))
        .containsExactly(209652396, 398764591, 924231285, 1478610112);
    assertThat(drawn(7, 0, 1 << 30, 0, 4))
        .containsExactly(327741615, 976413892, 128500249, 296233462);
    assertThat(drawn(4294967295L, -5, 6, 0, 8)).containsExactly(-2, -3, 2, -1, -5, 1, 5, 4);
  }

  @Test
  void theNumbersStayThoseOfNumpyBeyondTheFirstState() {
    assertThat(drawn(42, 1, 50_000, 1000, 5)).containsExactly(35241, 19124, 48448, 34530, 10168);
  }

  @Test
  void aRangeOfOneNumberDrawsNothing() {
    MersenneTwister random = new MersenneTwister(3);

    assertThat(random.between(0, 1)).isEqualTo(0);
    assertThat(random.between(0, 100)).isEqualTo(24);
  }

  @Test
  void whatNumpyRefusesIsRefused() {
    assertThatThrownBy(() -> new MersenneTwister(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MersenneTwister(1L << 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("seed is 4294967296, must be between 0 and 4294967295");
    assertThatThrownBy(() -> new MersenneTwister(0).between(5, 5))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
