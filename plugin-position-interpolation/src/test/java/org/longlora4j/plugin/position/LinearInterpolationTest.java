package org.longlora4j.plugin.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.UnscaledRotary;

class LinearInterpolationTest {
  private static final RotaryEmbedding EMBEDDING =
      new RotaryEmbedding(64, 10000, 4096, new UnscaledRotary());

  @Test
  void theFactorIsTargetOverOriginalRoundedUp() {
    assertThat(derived(8192)).isEqualTo(new LinearScaling(2));
    assertThat(derived(8193)).isEqualTo(new LinearScaling(3));
    assertThat(derived(32768)).isEqualTo(new LinearScaling(8));
  }

  @Test
  void aTargetThatIsNotLongerIsNotScaled() {
    assertThat(derived(4096)).isEqualTo(new LinearScaling(1));
    assertThat(derived(100)).isEqualTo(new LinearScaling(1));
  }

  @Test
  void aGivenFactorHolds() {
    assertThat(linear(OptionalDouble.of(3.5)).scale(EMBEDDING, 8192))
        .isEqualTo(new LinearScaling(3.5));
  }

  @Test
  void aFactorBelowOneIsReported() {
    assertThat(problems(0.5))
        .containsExactly(
            "factor: factor is 0.5, must be at least 1: leave it out for 2.0, 8192 tokens over"
                + " the original 4096");
    assertThat(problems(Double.NaN)).hasSize(1);
    assertThat(problems(Double.POSITIVE_INFINITY)).hasSize(1);
    assertThat(problems(1)).isEmpty();
    assertThatThrownBy(() -> linear(OptionalDouble.of(0.5)).scale(EMBEDDING, 8192))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("factor is 0.5, must be at least 1");
  }

  private static Object derived(int targetLength) {
    return linear(OptionalDouble.empty()).scale(EMBEDDING, targetLength);
  }

  private static LinearInterpolation linear(OptionalDouble factor) {
    return new LinearInterpolation(new LinearInterpolation.Options(factor));
  }

  private static List<String> problems(double factor) {
    List<String> problems = new ArrayList<>();
    linear(OptionalDouble.of(factor))
        .check(EMBEDDING, 8192, (key, message) -> problems.add(key + ": " + message));
    return problems;
  }
}
