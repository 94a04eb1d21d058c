package org.longlora4j.launcher.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/**
 * Progress for a log file: a line for each step of a short run, at most one a second of a long one.
 */
final class ProgressLines implements TrainingListener {
  private static final int SHORT_RUN_STEPS = 100;
  private static final double SECONDS_BETWEEN_LINES = 1;

  private final PrintStream err;
  private Optional<Run> run = Optional.empty();

  ProgressLines(PrintStream err) {
    this.err = err;
  }

  @Override
  public void onStart(RunStart start) {
    run = Optional.of(new Run(start));
    print(
        "training %,d of %,d parameters, steps %d to %d of %,d tokens, into %s",
        start.trainableParameters(),
        start.totalParameters(),
        start.firstStep(),
        start.steps(),
        start.tokensPerStep(),
        start.output());
  }

  @Override
  public void onStep(StepMetrics metrics) {
    run.filter(current -> current.isDue(metrics)).ifPresent(current -> current.print(metrics));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    print(
        "step %d held-out loss %.4f perplexity %.2f",
        evaluation.step(), evaluation.loss(), Math.exp(evaluation.loss()));
  }

  @Override
  public void onCheckpoint(CheckpointWritten checkpoint) {
    print("step %d checkpoint written", checkpoint.step());
  }

  private void print(String format, Object... values) {
    err.println(String.format(Locale.ROOT, format, values));
  }

  private final class Run {
    private final RunStart start;
    private final StepClock clock;
    private double lastLineSeconds = Double.NEGATIVE_INFINITY;

    Run(RunStart start) {
      this.start = start;
      this.clock = new StepClock(start);
    }

    boolean isDue(StepMetrics metrics) {
      clock.add(metrics);
      return start.steps() - start.firstStep() < SHORT_RUN_STEPS
          || metrics.step() == start.steps()
          || clock.elapsedSeconds() - lastLineSeconds >= SECONDS_BETWEEN_LINES;
    }

    void print(StepMetrics metrics) {
      lastLineSeconds = clock.elapsedSeconds();
      ProgressLines.this.print(
          "step %d/%d loss %.4f grad_norm %.2f lr %.2e %.0f tokens/s eta %s",
          metrics.step(),
          start.steps(),
          metrics.loss(),
          metrics.gradNorm(),
          metrics.learningRate(),
          metrics.tokensPerSecond(),
          text(clock.left(metrics.step())));
    }
  }

  /** For example {@code 3m12s}. */
  private static String text(Duration duration) {
    return duration.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
  }
}
