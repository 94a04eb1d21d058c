package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rates computed by hand from the lambdas of transformers' optimization.py. */
class LearningRateTest {
  @TempDir private Path folder;

  private double rate(String schedule, int steps, int warmup, int step) throws IOException {
    return new LearningRate(
            TestRecipes.read(
                    folder,
                    "training.schedule=" + schedule,
                    "training.steps=" + steps,
                    "training.warmup-steps=" + warmup)
                .training())
        .at(step);
  }

  @ParameterizedTest
  @CsvSource({
    // get_constant_schedule_with_warmup: taken / warmup, then 1
    "constant-with-warmup, 10, 4, 1, 0",
    "constant-with-warmup, 10, 4, 2, 0.25",
    "constant-with-warmup, 10, 4, 4, 0.75",
    "constant-with-warmup, 10, 4, 5, 1",
    "constant-with-warmup, 10, 4, 10, 1",
    "constant-with-warmup, 10, 0, 1, 1",
    "constant, 10, 0, 1, 1",
    "constant, 10, 0, 10, 1",
    // get_linear_schedule_with_warmup: then (steps - taken) / (steps - warmup)
    "linear, 10, 4, 2, 0.25",
    "linear, 10, 4, 5, 1",
    "linear, 10, 4, 6, 0.8333333333333334",
    "linear, 10, 4, 8, 0.5",
    "linear, 10, 4, 10, 0.16666666666666666",
    "linear, 10, 4, 11, 0",
    "linear, 10, 4, 12, 0",
    // get_cosine_schedule_with_warmup: then (1 + cos(pi * progress)) / 2
    "cosine, 10, 4, 3, 0.5",
    "cosine, 10, 4, 5, 1",
    "cosine, 10, 4, 6, 0.9330127018922193",
    "cosine, 10, 4, 7, 0.75",
    "cosine, 10, 4, 8, 0.5",
    "cosine, 10, 4, 11, 0",
    // a warm-up as long as the run, or longer
    "linear, 4, 4, 4, 0.75",
    "cosine, 4, 8, 4, 0.375",
  })
  void everyScheduleIsThatOfTransformers(
      String schedule, int steps, int warmup, int step, double share) throws IOException {
    assertThat(rate(schedule, steps, warmup, step)).isCloseTo(1e-3 * share, within(1e-15));
  }

  @Test
  void aGradientIsScaledDownToTheMaximumAndNeverUp() {
    // torch.nn.utils.clip_grad_norm_: max_norm / (norm + 1e-6), at most 1
    assertThat(GradientNorm.clipScale(4, 1)).isEqualTo(1 / 4.000001);
    assertThat(GradientNorm.clipScale(0.5, 1)).isEqualTo(1);
    assertThat(GradientNorm.clipScale(0, 1)).isEqualTo(1);
    assertThat(GradientNorm.clipScale(1e9, 0)).isEqualTo(1);
  }
}
