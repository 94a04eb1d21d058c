package org.longlora4j.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A process of the assembled command, started as a user starts it. */
final class AssembledCommand implements AutoCloseable {
  static final Path HOME = Path.of("target", "longlora4j").toAbsolutePath();
  static final Path LONGLORA = HOME.resolve("bin/longlora");

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final Process process;
  private final Path out;
  private final Path err;

  /** How a process ended, and what it had printed. */
  record Ended(int exitCode, String out, String err) {}

  private AssembledCommand(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts the distribution's own command; what it prints goes to files in {@code scratch}. */
  static AssembledCommand start(Path scratch, Object... arguments) throws IOException {
    return start(scratch, builder(LONGLORA, arguments));
  }

  static AssembledCommand start(Path scratch, ProcessBuilder builder) throws IOException {
    Path out = Files.createTempFile(scratch, "out", ".txt");
    Path err = Files.createTempFile(scratch, "err", ".txt");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    return new AssembledCommand(process, out, err);
  }

  /** Runs the distribution's own command to its end. */
  static Ended run(Path scratch, Object... arguments) throws IOException, InterruptedException {
    return run(scratch, builder(LONGLORA, arguments));
  }

  static Ended run(Path scratch, ProcessBuilder builder) throws IOException, InterruptedException {
    try (AssembledCommand command = start(scratch, builder)) {
      return command.end();
    }
  }

  /** A command in an environment that sets nothing of what it listens to but the Java to use. */
  static ProcessBuilder builder(Path command, Object... arguments) {
    List<String> line = new ArrayList<>();
    line.add(command.toString());
    for (Object argument : arguments) {
      line.add(argument.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder
        .environment()
        .keySet()
        .removeAll(
            List.of("LONGLORA_PLUGINS", "LONGLORA_MALLOC", "LD_PRELOAD", "JAVA_TOOL_OPTIONS"));
    return builder;
  }

  /** Waits until the condition holds or the process has ended. */
  void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (process.isAlive() && !condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("still waiting after " + DEADLINE);
      }
      Thread.sleep(1);
    }
  }

  /** Sends a signal: {@code TERM}, {@code INT} or {@code KILL}. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Waits for the end. */
  Ended end() throws IOException, InterruptedException {
    await(() -> false);
    return new Ended(process.waitFor(), Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }

  /** Ends the process if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
