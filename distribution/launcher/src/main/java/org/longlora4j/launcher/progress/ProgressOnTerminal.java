package org.longlora4j.launcher.progress;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/** Progress as one line that is written over: a bar, the loss, the pace, the time left. */
final class ProgressOnTerminal implements TrainingListener {
  private final PrintStream err;
  private Optional<ProgressBar> bar = Optional.empty();
  private String heldOut = "";

  ProgressOnTerminal(PrintStream err) {
    this.err = err;
  }

  @Override
  public void onStart(RunStart start) {
    bar =
        Optional.of(
            new ProgressBarBuilder()
                .setTaskName("train")
                .setStyle(ProgressBarStyle.ASCII)
                .setInitialMax(start.steps())
                .startsFrom(start.firstStep() - 1L, Duration.ZERO)
                .setConsumer(new ConsoleProgressBarConsumer(err))
                .build());
  }

  @Override
  public void onStep(StepMetrics metrics) {
    bar.ifPresent(
        line ->
            line.stepTo(metrics.step())
                .setExtraMessage(
                    String.format(
                        Locale.ROOT,
                        " loss %.4f%s %.0f tokens/s",
                        metrics.loss(),
                        heldOut,
                        metrics.tokensPerSecond())));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    heldOut = String.format(Locale.ROOT, " held-out %.4f", evaluation.loss());
  }

  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
  }
}
