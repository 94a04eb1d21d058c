package org.longlora4j.launcher.progress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.train.CheckpointWritten;
import org.longlora4j.api.train.Evaluation;
import org.longlora4j.api.train.RunStart;
import org.longlora4j.api.train.StepMetrics;

final class ProgressListenerTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void without_a_terminal_each_step_of_a_short_run_is_a_line() {
    try (ProgressListener listener = listener(false)) {
      listener.onStart(start(1, 3));
      listener.onStep(step(1, 2048));
      listener.onStep(step(2, 2048));
      listener.onEvaluation(new Evaluation(2, 2.0));
      listener.onCheckpoint(new CheckpointWritten(2, Path.of("run/checkpoints/step-2")));
      listener.onStep(step(3, 2048));
    }

    assertThat(lines())
        .containsExactly(
            "training 1,000 of 260,032 parameters, steps 1 to 3 of 8,192 tokens, into run",
            "step 1/3 loss 2.3456 grad_norm 0.51 lr 2.00e-05 2048 tokens/s eta 8s",
            "step 2/3 loss 2.3456 grad_norm 0.51 lr 2.00e-05 2048 tokens/s eta 4s",
            "step 2 held-out loss 2.0000 perplexity 7.39",
            "step 2 checkpoint written",
            "step 3/3 loss 2.3456 grad_norm 0.51 lr 2.00e-05 2048 tokens/s eta 0s");
  }

  @Test
  void a_long_run_of_quick_steps_has_a_line_a_second() {
    try (ProgressListener listener = listener(false)) {
      listener.onStart(start(1, 1000));
      // Four steps a second.
      for (int step = 1; step <= 1000; step++) {
        listener.onStep(step(step, 4 * 8192));
      }
    }

    assertThat(lines().subList(1, 4))
        .extracting(line -> line.substring(0, line.indexOf(" loss")))
        .containsExactly("step 1/1000", "step 5/1000", "step 9/1000");
    assertThat(lines()).hasSize(1 + 250 + 1).last().asString().startsWith("step 1000/1000 ");
  }

  @Test
  void the_time_left_of_a_resumed_run_counts_from_where_it_went_on() {
    try (ProgressListener listener = listener(false)) {
      listener.onStart(start(901, 1000));
      listener.onStep(step(901, 4096));
    }

    assertThat(lines()).last().asString().endsWith("eta 3m18s");
  }

  @Test
  void on_a_terminal_one_line_is_written_over() {
    try (ProgressListener listener = listener(true)) {
      listener.onStart(start(1, 4));
      for (int step = 1; step <= 4; step++) {
        listener.onStep(step(step, 2048));
      }
    }

    assertThat(err.toString(UTF_8)).contains("\r").contains("4/4").contains("train");
  }

  private ProgressListener listener(boolean terminal) {
    return new ProgressListener(new PrintStream(err, true, UTF_8), terminal);
  }

  private static RunStart start(int firstStep, int steps) {
    return new RunStart(Path.of("run"), firstStep, steps, 8192, 1000, 260_032);
  }

  private static StepMetrics step(int step, double tokensPerSecond) {
    return new StepMetrics(step, 2.3456, 0.51, 2e-5, tokensPerSecond, 0);
  }

  private List<String> lines() {
    return err.toString(UTF_8).lines().toList();
  }
}
