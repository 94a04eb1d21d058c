package org.longlora4j.launcher.progress;

import java.time.Duration;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;

/** Keeps time by the steps' own measurements, so that what is shown follows from the metrics. */
final class StepClock {
  private final RunStart start;
  private double elapsedSeconds;

  StepClock(RunStart start) {
    this.start = start;
  }

  void add(StepMetrics metrics) {
    if (metrics.tokensPerSecond() > 0) {
      elapsedSeconds += start.tokensPerStep() / metrics.tokensPerSecond();
    }
  }

  /** The time that the steps since the start took together. */
  double elapsedSeconds() {
    return elapsedSeconds;
  }

  /** The time that the steps after {@code step} will take at the mean pace so far. */
  Duration left(int step) {
    int taken = step - start.firstStep() + 1;
    return Duration.ofSeconds(Math.round(elapsedSeconds / taken * (start.steps() - step)));
  }
}
