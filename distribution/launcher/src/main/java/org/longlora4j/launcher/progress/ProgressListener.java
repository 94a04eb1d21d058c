package org.longlora4j.launcher.progress;

import static java.util.Objects.requireNonNull;

import java.io.PrintStream;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/** Shows a run's progress: a bar on a terminal, plain lines where there is none. */
public final class ProgressListener implements TrainingListener {
  private final TrainingListener display;

  /**
   * A listener for one run.
   *
   * @param err where to show it
   * @param terminal whether a person watches {@code err}, so that a line may be written over
   */
  public ProgressListener(PrintStream err, boolean terminal) {
    requireNonNull(err, "err is null");
    display = terminal ? new ProgressOnTerminal(err) : new ProgressLines(err);
  }

  @Override
  public void onStart(RunStart start) {
    display.onStart(start);
  }

  @Override
  public void onStep(StepMetrics metrics) {
    display.onStep(metrics);
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    display.onEvaluation(evaluation);
  }

  @Override
  public void onCheckpoint(CheckpointWritten checkpoint) {
    display.onCheckpoint(checkpoint);
  }

  @Override
  public void close() {
    display.close();
  }
}
