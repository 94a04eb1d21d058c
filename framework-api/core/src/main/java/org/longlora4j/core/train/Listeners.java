package org.longlora4j.core.train;

import java.util.List;
import java.util.function.Consumer;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/** Several listeners as one, told in order. */
final class Listeners implements TrainingListener {
  private final List<TrainingListener> all;

  Listeners(List<TrainingListener> all) {
    this.all = List.copyOf(all);
  }

  private void tell(Consumer<TrainingListener> event) {
    all.forEach(event);
  }

  @Override
  public void onStart(RunStart start) {
    tell(listener -> listener.onStart(start));
  }

  @Override
  public void onStep(StepMetrics metrics) {
    tell(listener -> listener.onStep(metrics));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    tell(listener -> listener.onEvaluation(evaluation));
  }

  @Override
  public void onCheckpoint(CheckpointWritten checkpoint) {
    tell(listener -> listener.onCheckpoint(checkpoint));
  }

  @Override
  public void close() {
    tell(TrainingListener::close);
  }
}
