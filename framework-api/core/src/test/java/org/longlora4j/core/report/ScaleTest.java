package org.longlora4j.core.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleTest {
  @Test
  void ticksAreRoundAndSpanTheValues() {
    assertThat(Scale.linear(4.1, 7.9).ticks()).containsExactly(4.0, 5.0, 6.0, 7.0, 8.0);
    assertThat(Scale.linear(0, 60).ticks()).containsExactly(0.0, 20.0, 40.0, 60.0);
  }

  @Test
  void aSingleValueStillHasAnAxis() {
    Scale constant = Scale.linear(2e-5, 2e-5);
    assertThat(constant.min()).isLessThan(constant.max());
    assertThat(constant.at(2e-5)).isBetween(0.0, 1.0);
    assertThat(Scale.linear(0, 0).at(0)).isBetween(0.0, 1.0);
  }

  @Test
  void equalRatiosTakeEqualRoomOnALogarithmicAxis() {
    Scale scale = Scale.logarithmic(12, 900);
    assertThat(scale.ticks()).containsExactly(10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0);
    assertThat(scale.at(100)).isCloseTo(0.5, within(1e-12));
    assertThat(Scale.logarithmic(1, 1).at(1)).isBetween(0.0, 1.0);
  }

  @Test
  void lengthsAreTheirOwnTicks() {
    Scale scale = Scale.ofLengths(List.of(2048, 512, 1024, 512));
    assertThat(scale.ticks()).containsExactly(512.0, 1024.0, 2048.0);
    assertThat(scale.at(1024)).isCloseTo(0.5, within(1e-12));
  }
}
