package org.longlora4j.core.train;

import java.util.List;
import java.util.function.Consumer;
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
  public void onEvaluation(int step, double loss) {
    tell(listener -> listener.onEvaluation(step, loss));
  }

  @Override
  public void onCheckpoint(int step) {
    tell(listener -> listener.onCheckpoint(step));
  }

  @Override
  public void close() {
    tell(TrainingListener::close);
  }
}
