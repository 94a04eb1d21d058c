package org.longlora4j.launcher.command;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Where a command's time goes before its own work begins, for {@code --timing}. */
final class StartupClock {
  private final Map<Phase, Duration> phases = new EnumMap<>(Phase.class);
  private final long beginMillis = System.currentTimeMillis();

  /** What is told apart; the rest is the command's own. */
  enum Phase {
    /** From the JVM's own beginning to the first line of ours. */
    JVM,
    /** Reading the command line. */
    ARGUMENTS,
    /** The OSGi framework without any plugin. */
    FELIX,
    /** Reading, resolving and starting the jars of the plugin directory. */
    PLUGINS,
    /** DJL's engine and libtorch. */
    ENGINE
  }

  <T> T time(Phase phase, Supplier<T> work) {
    long before = System.nanoTime();
    try {
      return work.get();
    } finally {
      phases.merge(phase, Duration.ofNanos(System.nanoTime() - before), Duration::plus);
    }
  }

  /** The phases there were, in one line; the others did not take place. */
  String report() {
    // Asked for here alone: most commands need not load what answers it.
    long start = ManagementFactory.getRuntimeMXBean().getStartTime();
    Duration total = Duration.ofMillis(System.currentTimeMillis() - start);
    phases.put(Phase.JVM, Duration.ofMillis(beginMillis - start));
    Duration others = total;
    StringBuilder line = new StringBuilder("timing:");
    for (Phase phase : Phase.values()) {
      String name = phase == Phase.JVM ? "JVM" : phase.name().toLowerCase(Locale.ROOT);
      Optional<Duration> taken = Optional.ofNullable(phases.get(phase));
      line.append(' ')
          .append(name)
          .append(taken.map(StartupClock::seconds).orElse(" not loaded"))
          .append(',');
      others = others.minus(taken.orElse(Duration.ZERO));
    }
    return line.append(" command")
        .append(seconds(others))
        .append(", total")
        .append(seconds(total))
        .toString();
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, " %.3f s", duration.toNanos() / 1e9);
  }
}
