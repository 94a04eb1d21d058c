package org.longlora4j.core.bench;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.longlora4j.core.train.StepWatch;

/**
 * Adds up the time of each stage of the steps that it watches. Pauses for garbage collection are
 * the JVM's, whatever stage they interrupt.
 */
final class StageClock implements StepWatch {
  private final DeviceBarrier barrier;
  private final List<GarbageCollectorMXBean> collectors =
      ManagementFactory.getGarbageCollectorMXBeans();
  private final Map<Stage, Long> nanoseconds = new EnumMap<>(Stage.class);
  private Stage current = Stage.JVM;
  private long since = System.nanoTime();
  private long collected = collectedNanoseconds();

  StageClock(DeviceBarrier barrier) {
    this.barrier = barrier;
    for (Stage stage : Stage.values()) {
      nanoseconds.put(stage, 0L);
    }
  }

  @Override
  public void enter(Stage stage) {
    barrier.await();
    long now = System.nanoTime();
    long collectedNow = collectedNanoseconds();
    long pauses = Math.min(collectedNow - collected, now - since);
    nanoseconds.merge(current, now - since - pauses, Long::sum);
    nanoseconds.merge(Stage.JVM, pauses, Long::sum);
    current = stage;
    since = now;
    collected = collectedNow;
  }

  private long collectedNanoseconds() {
    return 1_000_000L
        * collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
  }

  /** Seconds a step by the stage's name in lower case, in the order in which stages come. */
  Map<String, Double> seconds(int steps) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    nanoseconds.forEach(
        (stage, taken) -> seconds.put(stage.name().toLowerCase(Locale.ROOT), taken / 1e9 / steps));
    return seconds;
  }
}
