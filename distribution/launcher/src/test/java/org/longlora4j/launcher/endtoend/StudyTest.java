package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies on a tiny Llama: what they leave, how they go on, and what they refuse. */
class StudyTest {
  private static final String STUDY =
      """
      title: Patterns
      seeds: [1, 2]
      recipe:
        model: %1$s/models/llama
        context: 256
        adapter: { use: lora-plus, rank: 4, alpha: 8 }
        position: linear
        data: &rows
          use: token-rows
          path: %1$s/expected/run-longlora.safetensors
          tensor: data
        training: { steps: 3, learning-rate: 1e-3, checkpoint-every: 2, precision: float32 }
      cells:
        dense: { set: { attention: dense }, paper: 8.08 }
        s2-attn: { set: { attention: s2-attn }, paper: 8.12 }
        as it is: { train: false }
      evaluation:
        data: *rows
        perplexity: { lengths: [128, 256], max-tokens: 512 }
      """;

  @TempDir private Path directory;
  private Path study;

  @BeforeEach
  void writeStudy() throws IOException {
    study =
        Files.writeString(directory.resolve("patterns.yaml"), STUDY.formatted(CommandRun.golden()));
  }

  private void replace(String text, String by) throws IOException {
    assertThat(study).content().contains(text);
    Files.writeString(study, Files.readString(study).replace(text, by));
  }

  private CommandRun run(Object... more) {
    List<Object> arguments = new ArrayList<>(List.of("study", study));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments.toArray());
  }

  private Path cells() {
    return directory.resolve("patterns/cells");
  }

  @Test
  void everyCellIsTrainedWithEverySeedAndMeasuredAsEvaluateDoes() throws IOException {
    CommandRun run = run("--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("[1/5] dense, seed 1", "[4/5] s2-attn, seed 2", "[5/5] as it is, without");
    JsonNode cells = run.json().get("cells");
    assertThat(cells.findValuesAsText("cell")).containsExactly("dense", "s2-attn", "as it is");
    assertThat(cells.findValuesAsText("state")).hasSize(5).containsOnly("completed");
    JsonNode measured =
        CommandRun.succeed(
                "evaluate",
                "perplexity",
                "--model",
                CommandRun.golden().resolve("models/llama"),
                "--adapter",
                cells().resolve("s2-attn/seed-2"),
                "--data",
                "{use: token-rows, path: '%s', tensor: data}"
                    .formatted(CommandRun.golden().resolve("expected/run-longlora.safetensors")),
                "--length",
                "128,256",
                "--max-tokens",
                "512",
                "--json")
            .json();
    JsonNode second = cells.at("/1/runs/1");
    assertThat(second.get("perplexity_256").asDouble())
        .isEqualTo(measured.at("/perplexity/1/perplexity").asDouble());
    assertThat(cells.at("/1/perplexity_256/mean").asDouble())
        .isCloseTo(
            (cells.at("/1/runs/0/perplexity_256").asDouble()
                    + second.get("perplexity_256").asDouble())
                / 2,
            within(1e-9));
    assertThat(second.get("trained_parameters").asLong())
        .isEqualTo(summary("s2-attn/seed-2").get("trainable_parameters").asLong());
    Path output = directory.resolve("patterns");
    assertThat(SmallRun.json(output.resolve("results.json"))).isEqualTo(run.json());
    assertThat(output.resolve("results.md")).content().contains("| s2-attn |");
    assertThat(output.resolve("results.csv")).content().contains("\ns2-attn,256,true,2,2,");
    assertThat(output.resolve("report.html")).content().contains("Completed: 5 of 5 runs.");
    assertThat(cells().resolve("dense/seed-1/report.html")).content().contains("128", "after");
  }

  private JsonNode summary(String run) throws IOException {
    return SmallRun.json(cells().resolve(run).resolve("summary.json"));
  }

  @Test
  void aModelThatIsNotTrainedIsMeasuredUnderTheScaling() throws IOException {
    replace("  dense: { set: { attention: dense }, paper: 8.08 }\n", "");
    replace("  s2-attn: { set: { attention: s2-attn }, paper: 8.12 }\n", "");

    JsonNode results = run("--json").json();

    JsonNode tried =
        CommandRun.succeed(
                "evaluate",
                "perplexity",
                "--model",
                CommandRun.golden().resolve("models/llama"),
                "--rope",
                "linear:2",
                "--data",
                "{use: token-rows, path: '%s', tensor: data}"
                    .formatted(CommandRun.golden().resolve("expected/run-longlora.safetensors")),
                "--length",
                "256",
                "--max-tokens",
                "512",
                "--json")
            .json();
    assertThat(results.at("/cells/0/perplexity_256/mean").asDouble())
        .isEqualTo(tried.at("/perplexity/0/perplexity").asDouble());
    assertThat(results.at("/cells/0/runs")).hasSize(1);
  }

  @Test
  void modelsFromRandomWeightsAreComparedToo() throws IOException {
    replace("  as it is: { train: false }\n", "");
    replace(
        "model: %s/models/llama".formatted(CommandRun.golden()),
        "model: { init: { architectures: [LlamaForCausalLM], model_type: llama, hidden_size: 32,"
            + " intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2,"
            + " max_position_embeddings: 128, vocab_size: 320, dtype: float32 } }");
    replace("adapter: { use: lora-plus, rank: 4, alpha: 8 }", "adapter: full");

    CommandRun run = run("--json", "--seeds", "3");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.json().at("/cells/1/runs/0/seed").asInt()).isEqualTo(3);
    assertThat(run.json().at("/cells/1/perplexity_256/mean").asDouble()).isBetween(200.0, 400.0);
  }

  @Test
  void whatIsCompletedIsNotRepeated() throws IOException {
    run();
    List<String> before = notes();

    CommandRun again = run();

    assertThat(again.exitCode()).isZero();
    assertThat(again.err()).doesNotContain("[1/5]", "measuring");
    assertThat(notes()).isEqualTo(before);
  }

  private List<String> notes() throws IOException {
    List<String> notes = new ArrayList<>();
    for (String run : List.of("dense/seed-1", "dense/seed-2", "s2-attn/seed-1")) {
      notes.add(Files.readString(cells().resolve(run + ".json")));
      notes.add(Files.readString(cells().resolve(run).resolve("metrics.jsonl")));
    }
    return notes;
  }

  /** What a process that was killed after step 2 leaves: a checkpoint, and steps beyond it. */
  @Test
  void aRunThatWasInterruptedGoesOnFromItsCheckpoint() throws IOException {
    JsonNode whole = run("--json").json();
    Path interrupted = cells().resolve("s2-attn/seed-1");
    Files.delete(interrupted.resolve("summary.json"));
    Files.delete(interrupted.resolve("adapter_model.safetensors"));
    Files.move(interrupted.resolve("checkpoints/step-3"), directory.resolve("beyond"));
    begun(interrupted);

    CommandRun again = run("--json");

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err())
        .contains("[3/5] s2-attn, seed 1", "steps 3 to 3")
        .doesNotContain("[1/5]", "[2/5]", "[4/5]");
    assertThat(again.json().at("/cells/1/runs/0/perplexity_256"))
        .isEqualTo(whole.at("/cells/1/runs/0/perplexity_256"));
  }

  @Test
  void aRunThatWasInterruptedWhileItWasMeasuredIsOnlyMeasured() throws IOException {
    JsonNode whole = run("--json").json();
    begun(cells().resolve("dense/seed-2"));

    CommandRun again = run("--json");

    assertThat(again.err()).contains("[2/5] dense, seed 2", "measuring").doesNotContain("training");
    assertThat(again.json().get("cells")).isEqualTo(whole.get("cells"));
  }

  /** Runs of one study differ in nothing but what it compares, wherever it goes on. */
  @Test
  void whatIsLeftToTheMachineIsDecidedOnceForAllRuns() throws IOException {
    replace(", precision: float32", ", precision: auto");
    run("--seeds", 1);
    Path chosen = cells().resolve("dense/seed-1/run.json");
    String other = precision(chosen).equals("float32") ? "bfloat16" : "float32";
    Files.writeString(chosen, ((ObjectNode) SmallRun.json(chosen)).put("precision", other) + "\n");

    assertThat(run("--seeds", "1,2").exitCode()).isZero();

    assertThat(precision(cells().resolve("dense/seed-2/run.json"))).isEqualTo(other);
    assertThat(precision(cells().resolve("s2-attn/seed-2/run.json"))).isEqualTo(other);
  }

  private static String precision(Path run) throws IOException {
    return SmallRun.json(run).get("precision").asText();
  }

  private static void begun(Path run) throws IOException {
    Path file = run.resolveSibling(run.getFileName() + ".json");
    ObjectNode note = (ObjectNode) SmallRun.json(file);
    note.put("state", "begun").remove("measured");
    Files.writeString(file, note.toString());
  }

  @Test
  void aCellThatFailsIsReportedAndDoesNotStopTheRest() throws IOException {
    replace("attention: dense }", "attention: { use: local, group-size: 9999 } }");

    CommandRun run = run();

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("FAILED: ", "group-size is 9999");
    assertThat(run.out()).contains("seed 1 failed: ", "seed 2 failed: ");
    JsonNode cells = SmallRun.json(directory.resolve("patterns/results.json")).get("cells");
    assertThat(cells.get(0).findValuesAsText("state")).containsOnly("failed");
    assertThat(cells.get(1).findValuesAsText("state")).hasSize(2).containsOnly("completed");
    assertThat(cells.get(2).findValuesAsText("state")).containsOnly("completed");
    assertThat(directory.resolve("patterns/report.html"))
        .content()
        .contains("3 of 5 runs completed, 2 failed.");

    replace("group-size: 9999", "group-size: 64");
    CommandRun mended = run();

    assertThat(mended.exitCode()).as(mended.err()).isZero();
    assertThat(mended.err()).contains("[1/5] dense").doesNotContain("[3/5]");
  }

  @Test
  void aTrainingThatFailsIsReportedToo() throws IOException {
    replace("attention: dense }", "attention: dense, training.learning-rate: 1e30 }");

    CommandRun run = run("--seeds", "1");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("seed 1 failed: Step 2: loss NaN");
    assertThat(run.err()).contains("[2/3] s2-attn, seed 1", "perplexity");
  }

  @Test
  void aChangedStudyIsRefusedByWhatChanged() throws IOException {
    run("--seeds", "1");
    replace("steps: 3", "steps: 4");
    replace("max-tokens: 512", "max-tokens: 768");

    CommandRun refused = run("--seeds", "1");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("cell 'dense': training.steps: is 4, was 3 when it was run")
        .contains("cell 'as it is': evaluation.perplexity.max-tokens: is 768, was 512")
        .contains("name another output");
    assertThat(run("--seeds", "1", "--plan").exitCode()).isEqualTo(2);
  }

  @Test
  void cellsAndSeedsMayBeAdded() throws IOException {
    run("--seeds", "1");
    replace("  as it is:", "  local: { set: { attention: local } }\n  as it is:");

    CommandRun more = run();

    assertThat(more.exitCode()).as(more.err()).isZero();
    assertThat(more.err())
        .contains("[2/7] dense, seed 2", "[5/7] local, seed 1")
        .doesNotContain("[1/7]", "[3/7]", "[7/7]");
  }

  @Test
  void aPlanCarriesNothingOut() throws IOException {
    CommandRun planned = run("--plan");

    assertThat(planned.exitCode()).as(planned.err()).isZero();
    assertThat(planned.out()).contains("CELL", "TFLOP", "dense", "0 of 2", "as it is", "0 of 1");
    assertThat(directory.resolve("patterns")).doesNotExist();
    JsonNode json = run("--plan", "--json").json();
    assertThat(json.at("/cells/0/steps").asInt()).isEqualTo(3);
    assertThat(json.at("/cells/0/operations").asLong())
        .isGreaterThan(json.at("/cells/1/operations").asLong());
  }

  @Test
  void aStudyThatAnotherProcessCarriesOutIsLeftAlone() throws IOException {
    Path output = Files.createDirectory(directory.resolve("patterns"));
    try (FileChannel other =
            FileChannel.open(
                output.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = other.lock()) {
      assertThat(held.isValid()).isTrue();

      CommandRun refused = run();

      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.err()).contains("another process carries out the study in " + output);
    }
  }

  @Test
  void aNameThatNoStudyHasIsRefused() {
    CommandRun refused = CommandRun.of("study", "attention");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .isEqualTo("STUDY is 'attention', must be a file such as ./study.yaml\n");
  }
}
