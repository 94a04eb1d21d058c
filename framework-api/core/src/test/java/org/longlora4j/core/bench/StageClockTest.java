package org.longlora4j.core.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.plan.StepArithmetic;
import org.longlora4j.core.train.StepWatch.Stage;

class StageClockTest {
  @Test
  void allTimeBelongsToOneStage() {
    try (DeviceBarrier barrier = new DeviceBarrier(SERVICES.engine())) {
      long begin = System.nanoTime();
      StageClock clock = new StageClock(barrier);
      clock.enter(Stage.DATA);
      clock.enter(Stage.ATTENTION);
      clock.enter(Stage.DATA);
      clock.enter(Stage.JVM);
      double elapsed = (System.nanoTime() - begin) / 1e9;

      Map<String, Double> seconds = clock.seconds(2);
      assertThat(seconds).hasSize(Stage.values().length);
      assertThat(seconds.get("data")).isPositive();
      assertThat(seconds.get("attention")).isPositive();
      assertThat(seconds.get("mlp")).isZero();
      assertThat(2 * seconds.values().stream().mapToDouble(Double::doubleValue).sum())
          .isPositive()
          .isLessThanOrEqualTo(elapsed);
    }
  }

  @Test
  void pausesForGarbageCollectionAreTheJvms() {
    try (DeviceBarrier barrier = new DeviceBarrier(SERVICES.engine())) {
      StageClock clock = new StageClock(barrier);
      clock.enter(Stage.DATA);
      System.gc();
      clock.enter(Stage.OPTIMIZER);

      Map<String, Double> seconds = clock.seconds(1);
      assertThat(seconds.get("jvm")).isPositive();
      assertThat(seconds.get("data")).isNotNegative();
    }
  }

  @Test
  void figuresFollowFromTheMedianStep() {
    StepArithmetic arithmetic =
        new StepArithmetic(
            List.of(
                new StepArithmetic.Part(StepArithmetic.Name.MLP, 6_000_000_000L, 0, 0, 0),
                new StepArithmetic.Part(StepArithmetic.Name.ADAPTERS, 1_000_000_000L, 0, 0, 0)));
    StepFigures figures =
        new StepFigures(
            Precision.BFLOAT16,
            false,
            Kept.INPUT,
            100,
            List.of(4.0, 1.0, 3.0, 2.0),
            arithmetic,
            0,
            0,
            Map.of("mlp", 3.0, "data", 1.0));

    assertThat(figures.stepSeconds()).isEqualTo(2.5);
    assertThat(figures.tokensPerSecond()).isEqualTo(40);
    assertThat(figures.neededGflop()).isEqualTo(6);
    assertThat(figures.utilisation(new Ceilings(1, 12, 1))).isCloseTo(0.2, within(1e-12));
    assertThat(figures.phases()).containsEntry("mlp", 0.75).containsEntry("data", 0.25);
  }

  @Test
  void aMachineHasCeilings() {
    Ceilings ceilings = Ceilings.measure(SERVICES);

    assertThat(ceilings.float32Gflops()).isPositive();
    assertThat(ceilings.bfloat16Gflops()).isPositive();
    assertThat(ceilings.copyGigabytesPerSecond()).isPositive();
  }
}
