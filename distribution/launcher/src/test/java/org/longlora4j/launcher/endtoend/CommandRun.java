package org.longlora4j.launcher.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.launcher.command.Environment;
import org.longlora4j.launcher.command.LongLora;

/**
 * One command, run within the test's process, with the plugins of the class path.
 *
 * @param exitCode what the process would have ended with
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int exitCode, String out, String err) {
  static CommandRun of(Object... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Environment environment =
        new Environment(
            Map.of(),
            Optional.empty(),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            false);
    String[] texts = new String[arguments.length];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = arguments[i].toString();
    }
    int exitCode = LongLora.run(environment, texts);
    return new CommandRun(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** Runs a command that must succeed. */
  static CommandRun succeed(Object... arguments) {
    CommandRun run = of(arguments);
    if (run.exitCode() != 0) {
      throw new AssertionError("exit code " + run.exitCode() + "\n" + run.out() + run.err());
    }
    return run;
  }

  /** The one JSON document on standard output. */
  JsonNode json() throws IOException {
    return new ObjectMapper().readTree(out);
  }

  /** The reference values that the core's tests use too. */
  static Path golden() {
    return Path.of("../../framework-api/core/src/test/resources/golden")
        .toAbsolutePath()
        .normalize();
  }
}
