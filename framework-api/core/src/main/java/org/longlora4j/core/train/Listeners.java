package org.longlora4j.core.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;
import org.longlora4j.api.train.TrainingListener;

/** Several listeners as one, told in order. */
final class Listeners implements TrainingListener {
  private final List<TrainingListener> all;

  Listeners(List<TrainingListener> all) {
    this.all = new ArrayList<>(all);
  }

  /**
   * Adds those that are still to be built. If one cannot be built, all before it are closed.
   *
   * @param built told first
   * @param toBuild each gives a new listener
   */
  static Listeners of(List<TrainingListener> built, List<Supplier<TrainingListener>> toBuild) {
    Listeners listeners = new Listeners(built);
    boolean complete = false;
    try {
      toBuild.forEach(listener -> listeners.all.add(listener.get()));
      complete = true;
      return listeners;
    } finally {
      if (!complete) {
        listeners.close();
      }
    }
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

  /** Closes all, also if one fails; the first failure is thrown in the end. */
  @Override
  public void close() {
    Optional<RuntimeException> first = Optional.empty();
    for (TrainingListener listener : all) {
      try {
        listener.close();
      } catch (RuntimeException e) {
        first.ifPresent(earlier -> earlier.addSuppressed(e));
        first = first.or(() -> Optional.of(e));
      }
    }
    if (first.isPresent()) {
      throw first.get();
    }
  }
}
