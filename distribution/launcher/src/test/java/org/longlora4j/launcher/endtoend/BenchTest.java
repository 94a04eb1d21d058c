package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.core.train.ProcessMemory;

/** Steps of a tiny model of random weights, measured. */
class BenchTest {
  private static final int TOKENS = 64;

  /** Two layers of q, k, v, o and of gate, up, down; and the head. */
  private static final long WEIGHTS =
      2 * (32 * 32 + 2 * 32 * 16 + 32 * 32 + 3 * 32 * 64) + 320 * 32;

  /** Each of four heads in two layers: 1 + 2 + … + 64. */
  private static final long DENSE_PAIRS = 2 * 4 * 2080;

  /** Two heads: four groups of 1 + … + 16. The others: 8 tokens, three groups of 16, 8 tokens. */
  private static final long SHIFTED_PAIRS = 2 * (2 * 4 * 136 + 2 * (36 + 3 * 136 + 36));

  private static final String[] PHASES = {
    "data",
    "embedding",
    "projections",
    "attention",
    "mlp",
    "loss",
    "recomputation",
    "backward",
    "optimizer",
    "jvm"
  };

  @TempDir private Path directory;
  private Path recipe;

  @BeforeEach
  void writeRecipe() throws IOException {
    recipe =
        Files.writeString(
            directory.resolve("tiny.yaml"),
            """
            model:
              init: { architectures: [LlamaForCausalLM], model_type: llama, hidden_size: 32,
                      intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4,
                      num_key_value_heads: 2, max_position_embeddings: 64, vocab_size: 320 }
            context: 64
            adapter: { use: lora-plus, rank: 4, alpha: 8 }
            data: { use: random-tokens, vocabulary: 320 }
            training: { steps: 1, recompute: true }
            """);
  }

  private CommandRun bench(Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("bench", recipe));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray());
  }

  private static double gflop(long pairs) {
    return (4.0 * TOKENS * WEIGHTS + 12.0 * 8 * pairs) / 1e9;
  }

  @Test
  void twoSettingsAreMeasuredInTurnsAgainstTheirArithmeticByHand() throws IOException {
    CommandRun run =
        bench("--steps", 3, "--compare", "attention={use: s2-attn, group-ratio: 0.25}", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode json = run.json();
    assertThat(json.get("needed_gflop").asDouble()).isCloseTo(gflop(DENSE_PAIRS), within(1e-12));
    double median = json.get("step_seconds").asDouble();
    assertThat(json.get("seconds")).hasSize(3).anySatisfy(s -> assertSame(s, median));
    assertThat(json.get("tokens_per_second").asDouble() * median).isCloseTo(TOKENS, within(1e-6));
    double ceiling =
        Math.max(json.get("float32_gflops").asDouble(), json.get("bfloat16_gflops").asDouble());
    assertThat(json.get("utilisation").asDouble())
        .isCloseTo(gflop(DENSE_PAIRS) / median / ceiling, within(1e-9));
    assertThat(json.get("float32_gflops").asDouble()).isPositive();
    assertThat(json.get("allocator").asText()).isEqualTo(ProcessMemory.allocator());
    assertThat(json.get("peak_memory_bytes").asLong())
        .isGreaterThan(json.get("model_memory_bytes").asLong());

    JsonNode second = json.get("comparison");
    assertThat(second.get("needed_gflop").asDouble())
        .isCloseTo(gflop(SHIFTED_PAIRS), within(1e-12));
    assertThat(second.get("arithmetic_ratio").asDouble())
        .isCloseTo(gflop(SHIFTED_PAIRS) / gflop(DENSE_PAIRS), within(1e-9));
    assertThat(second.get("time_ratio").asDouble()).isPositive();
    assertThat(second.has("memory_ratio")).isTrue();
    for (JsonNode measured : List.of(json, second)) {
      assertThat(measured.get("phases").fieldNames()).toIterable().containsExactly(PHASES);
      assertThat(measured.get("phases"))
          .allSatisfy(share -> assertThat(share.asDouble()).isNotNegative());
      assertThat(measured.get("phases").get("backward").asDouble()).isPositive();
    }
    assertThat(directory.toFile().list()).containsExactly("tiny.yaml");
  }

  private static void assertSame(JsonNode seconds, double median) {
    assertThat(seconds.asDouble()).isEqualTo(median);
  }

  @Test
  void peopleReadTheMachineTheStepAndWhereItsTimeGoes() {
    CommandRun run = bench("--steps", 1, "--warm-up", 1, "--set", "training.accumulate=2");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("MACHINE", "bfloat16 product", "memory copy")
        .contains("tokens                 128")
        .containsPattern("precision +(bfloat16|float32), measured faster")
        .contains("layers                 run again")
        .contains("necessary arithmetic   0.0179 GFLOP")
        .contains("WHERE THE TIME GOES", "recomputation", "JVM")
        .doesNotContain("RATIO");
    assertThat(run.err()).contains("Warming up: ", "Step 1 of 1: ");
  }

  @Test
  void mistakesAreFoundBeforeAnythingIsMeasured() {
    assertMistake(bench("--steps", 0), "--steps is 0, must be at least 1\n");
    assertMistake(bench("--warm-up", -1), "--warm-up is -1, must be at least 1\n");
    assertThat(bench("--compare", "attention=s3-attn").err())
        .contains("attention.use: is 's3-attn'");
    assertThat(bench("--set", "adapter.targets=[w_proj]").err())
        .contains("adapter.targets: 'w_proj' matches no module")
        .doesNotContain("Measuring");
  }

  private static void assertMistake(CommandRun run, String message) {
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).isEqualTo(message);
  }

  @Test
  void dataThatDoesNotFitTheModelIsAMistakeToo() {
    CommandRun run = bench("--set", "data.vocabulary=100000");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("but the vocabulary of " + recipe + " has 320");
  }
}
