package org.longlora4j.core.train;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Adds up the time that each part of a training loop takes. */
final class PhaseClock implements StepWatch {
  private final long start = System.nanoTime();
  private final Map<Phase, Long> nanoseconds = new EnumMap<>(Phase.class);
  private Optional<Phase> entered = Optional.empty();
  private long enteredAt;

  /** The parts, which do not overlap. */
  enum Phase {
    DATA,
    FORWARD_AND_BACKWARD,
    OPTIMIZER,
    EVALUATION,
    CHECKPOINTS
  }

  /**
   * Counts the time of a step, until the next stage is entered, to the part that the stage is of.
   */
  @Override
  public void enter(Stage stage) {
    long now = System.nanoTime();
    entered.ifPresent(phase -> nanoseconds.merge(phase, now - enteredAt, Long::sum));
    entered = phase(stage);
    enteredAt = now;
  }

  private static Optional<Phase> phase(Stage stage) {
    return switch (stage) {
      case DATA -> Optional.of(Phase.DATA);
      case EMBEDDING, PROJECTIONS, ATTENTION, MLP, LOSS, RECOMPUTATION, BACKWARD ->
          Optional.of(Phase.FORWARD_AND_BACKWARD);
      case OPTIMIZER -> Optional.of(Phase.OPTIMIZER);
      case JVM -> Optional.empty();
    };
  }

  /** Does something and counts its time, also if it fails. */
  <T> T time(Phase phase, Supplier<T> work) {
    long before = System.nanoTime();
    try {
      return work.get();
    } finally {
      nanoseconds.merge(phase, System.nanoTime() - before, Long::sum);
    }
  }

  /** Does something that gives nothing back and counts its time, also if it fails. */
  void time(Phase phase, Runnable work) {
    time(
        phase,
        () -> {
          work.run();
          return true;
        });
  }

  /** Seconds since the clock was made. */
  double elapsedSeconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Seconds by the phase's name in snake case; without the phases that never came. */
  Map<String, Double> seconds() {
    Map<String, Double> seconds = new LinkedHashMap<>();
    nanoseconds.forEach(
        (phase, taken) -> seconds.put(phase.name().toLowerCase(Locale.ROOT), taken / 1e9));
    return seconds;
  }
}
