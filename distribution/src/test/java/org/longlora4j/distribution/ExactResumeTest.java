package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** A run that is stopped, by force or by request, and resumed ends as one never interrupted. */
@DisabledOnOs(OS.WINDOWS)
final class ExactResumeTest {
  private static final Path GOLDEN =
      Path.of("../framework-api/core/src/test/resources/golden").toAbsolutePath().normalize();
  private static final int STEPS = 24;

  /** Dropout, a shuffled order and an epoch that ends within a step: all that could go astray. */
  private static final String RECIPE =
      """
      model: %1$s/models/llama
      context: 256
      attention: { use: s2-attn, group-ratio: 0.25 }
      adapter: { use: lora-plus, rank: 4, alpha: 8, dropout: 0.1 }
      position: linear
      data:
        use: token-rows
        path: %1$s/expected/run-longlora.safetensors
        tensor: data
        shuffle: true
      training:
        steps: %2$d
        accumulate: 2
        learning-rate: 1e-3
        warmup-steps: 2
        checkpoint-every: 3
        precision: float32
      """
          .formatted(GOLDEN, STEPS);

  @TempDir private static Path shared;
  private static Path recipe;
  private static Path uninterrupted;

  @TempDir private Path directory;

  @BeforeAll
  static void trainWithoutInterruption() throws Exception {
    recipe = Files.writeString(shared.resolve("recipe.yaml"), RECIPE);
    uninterrupted = shared.resolve("uninterrupted");
    Ended ended = AssembledCommand.run(shared, "train", recipe, "--set", "output=" + uninterrupted);
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(steps(uninterrupted)).hasSize(STEPS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void a_run_killed_at_random_steps_takes_the_same_steps_in_the_end(long seed) throws Exception {
    Random random = new Random(seed);
    Path output = directory.resolve("run");
    int first = 1 + random.nextInt(STEPS / 2);
    int second = first + 3 + random.nextInt(STEPS - first - 4);
    for (int step : random.nextBoolean() ? List.of(first, second) : List.of(first)) {
      try (AssembledCommand run = resume(output)) {
        run.await(() -> has(output, step));
        if (random.nextBoolean()) {
          run.await(() -> Files.exists(output.resolve("checkpoints/partial")));
        }
        run.signal("KILL");
        assertThat(run.end().exitCode()).isNotZero();
      }
    }

    assertEndsAsTheUninterruptedRun(output);
  }

  @Test
  void a_run_told_to_end_saves_its_state_and_says_how_to_go_on() throws Exception {
    assertStopsWell("TERM", 143);
  }

  @Test
  void an_interrupted_run_saves_its_state_and_says_how_to_go_on() throws Exception {
    assumeFalse(interruptIsIgnored(), "this process and its children ignore SIGINT");
    assertStopsWell("INT", 130);
  }

  private void assertStopsWell(String signal, int exitCode) throws Exception {
    Path output = directory.resolve("run");
    Ended ended;
    try (AssembledCommand run = resume(output)) {
      run.await(() -> has(output, 7));
      run.signal(signal);
      ended = run.end();
    }

    int last = steps(output).size();
    assertThat(ended.exitCode()).as(ended.err()).isEqualTo(exitCode);
    assertThat(ended.out())
        .startsWith("Stopped after step %d; the state is saved. Go on with: ".formatted(last))
        .contains("longlora train %s --set output=%s --resume".formatted(recipe, output));
    assertThat(last).isBetween(7, STEPS - 1);
    assertThat(output.resolve("checkpoints/step-" + last)).isDirectory();
    assertEndsAsTheUninterruptedRun(output);
  }

  private AssembledCommand resume(Path output) throws IOException {
    return AssembledCommand.start(
        directory, "train", recipe, "--set", "output=" + output, "--resume");
  }

  private void assertEndsAsTheUninterruptedRun(Path output) throws Exception {
    try (AssembledCommand run = resume(output)) {
      Ended ended = run.end();
      assertThat(ended.exitCode()).as(ended.err()).isZero();
    }
    assertThat(steps(output)).containsExactlyElementsOf(steps(uninterrupted));
    for (String file : List.of("adapter_model.safetensors", "adapter_config.json", "config.json")) {
      assertThat(output.resolve(file)).hasSameBinaryContentAs(uninterrupted.resolve(file));
    }
  }

  /** Each step's line but for what was measured, which comes last. */
  private static List<String> steps(Path output) throws IOException {
    return Files.readAllLines(output.resolve("metrics.jsonl")).stream()
        .map(line -> line.substring(0, line.indexOf(",\"tokens_per_second\"")))
        .toList();
  }

  private static boolean has(Path output, int step) {
    Path metrics = output.resolve("metrics.jsonl");
    try {
      return Files.exists(metrics)
          && Files.readString(metrics).contains("{\"step\":%d,".formatted(step));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A shell without job control starts what runs in its background so. */
  private static boolean interruptIsIgnored() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    String ignored =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> line.substring("SigIgn:".length()).strip())
            .findFirst()
            .orElse("0");
    long interrupt = 1L << (2 - 1);
    return (Long.parseUnsignedLong(ignored, 16) & interrupt) != 0;
  }
}
