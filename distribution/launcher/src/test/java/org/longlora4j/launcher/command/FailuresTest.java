package org.longlora4j.launcher.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.train.TrainingFailedException;
import picocli.CommandLine;

final class FailuresTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final GlobalOptions options = new GlobalOptions();
  private final Failures failures = new Failures(new PrintStream(err, true, UTF_8), options);

  @Test
  void wrong_input_is_told_by_its_message_alone() {
    int exitCode = failures.report(new InvalidInputException("my.yaml: no model. Name one."));

    assertThat(exitCode).isEqualTo(2);
    assertThat(err()).isEqualToNormalizingNewlines("my.yaml: no model. Name one.\n");
  }

  @Test
  void a_run_that_cannot_go_on_is_told_by_its_message_alone() {
    int exitCode = failures.report(new TrainingFailedException("Step 3: loss NaN."));

    assertThat(exitCode).isEqualTo(1);
    assertThat(err()).isEqualToNormalizingNewlines("Step 3: loss NaN.\n");
  }

  @Test
  void a_failure_is_told_in_a_line_and_how_to_see_more() {
    int exitCode = failures.report(new IllegalStateException("disk full"));

    assertThat(exitCode).isEqualTo(1);
    assertThat(err().lines())
        .containsExactly(
            "Failed: IllegalStateException: disk full",
            "Run it again with --stacktrace to see where.");
  }

  @Test
  void a_failure_in_a_plugin_is_told_with_its_name_version_and_jar() {
    LoadedPlugin plugin = new LoadedPlugin(binder -> {}, "example", "1.2.3", "/p/example.jar");

    int exitCode = failures.report(new IllegalStateException("no licence"), Optional.of(plugin));

    assertThat(exitCode).isEqualTo(1);
    assertThat(err().lines())
        .containsExactly(
            "Failed in the plugin example 1.2.3 (/p/example.jar): IllegalStateException: no licence",
            "Run it again with --stacktrace to see where.");
  }

  @Test
  void a_failure_without_a_message_is_told_by_its_name() {
    failures.report(new StackOverflowError());

    assertThat(err()).startsWith("Failed: StackOverflowError");
  }

  @Test
  void a_stack_trace_is_shown_when_asked_for() {
    new CommandLine(options).parseArgs("--stacktrace");

    failures.report(new IllegalStateException("disk full"));

    assertThat(err()).contains("\tat " + FailuresTest.class.getName());
  }

  private String err() {
    return err.toString(UTF_8);
  }
}
