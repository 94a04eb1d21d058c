package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Precision, recomputation, held-out loss, and runs without any plugin. */
class TrainingChoicesTest {
  /** bfloat16 keeps 8 bits of a number, so that a loss near 6 moves in its third digit. */
  private static final double BFLOAT16_TOLERANCE = 0.02;

  @TempDir private Path directory;

  @Test
  void bfloat16LossesLieNearThoseOfFloat32() throws IOException {
    List<Double> wide = losses("float32", "training.precision=float32");
    List<Double> narrow = losses("bfloat16", "training.precision=bfloat16");

    assertThat(narrow).isNotEqualTo(wide);
    assertNear(narrow, wide, BFLOAT16_TOLERANCE);
    assertThat(choice("float32", "precision")).isEqualTo("float32");
    assertThat(choice("bfloat16", "precision")).isEqualTo("bfloat16");
  }

  @Test
  void anAutomaticPrecisionIsRecordedAndTakenAgain() throws IOException {
    SmallRun run = SmallRun.in(directory);
    run.train("training.precision=auto");
    Path file = run.output().resolve("run.json");
    String chosen = SmallRun.json(file).get("precision").asText();
    assertThat(chosen).isIn("float32", "bfloat16");
    // Whatever the machine's choice was, the other one stands for a choice of another machine.
    String other = chosen.equals("float32") ? "bfloat16" : "float32";
    Files.writeString(file, Files.readString(file).replace(chosen, other));

    CommandRun resumed = run.resume("training.precision=auto", "training.steps=5");

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(SmallRun.json(file).get("precision").asText()).isEqualTo(other);
  }

  @Test
  void recomputationChangesNoLoss() throws IOException {
    List<Double> kept = losses("false", "training.recompute=false");

    assertNear(losses("true", "training.recompute=true"), kept, 1e-5);
    assertNear(losses("attention", "training.recompute=keep-attention"), kept, 1e-5);
    assertNear(losses("mlp", "training.recompute=mlp"), kept, 1e-5);
    assertNear(losses("auto", "training.recompute=auto"), kept, 1e-5);
    assertThat(choice("false", "recompute")).isEqualTo("false");
    assertThat(choice("true", "recompute")).isEqualTo("true");
    assertThat(choice("attention", "recompute")).isEqualTo("keep-attention");
    assertThat(choice("mlp", "recompute")).isEqualTo("mlp");
  }

  /** Dropout draws the same when a layer runs again, or gradients would be others. */
  @ParameterizedTest
  @ValueSource(strings = {"[q_proj, v_proj]", "[up_proj]", "all-linear"})
  void recomputationDropsWhatTheFirstPassDropped(String targets) throws IOException {
    String adapter = "adapter={ use: lora, rank: 4, targets: " + targets;
    String dropout = adapter + ", dropout: 0.4 }";
    List<Double> kept = losses("kept", dropout, "training.recompute=false");

    assertThat(kept).isNotEqualTo(losses("whole", adapter + " }", "training.recompute=false"));
    for (String recompute : List.of("true", "keep-attention", "mlp")) {
      String setting = "training.recompute=" + recompute;
      assertNear(losses(recompute, dropout, setting), kept, 1e-5);
    }
  }

  /** 6400 positions, which go through an MLP in two pieces: of each the mask must be its own. */
  @Test
  void everyPieceOfAnMlpDropsWhatItDropped() throws IOException {
    String[] settings = {
      "adapter={ use: lora, rank: 4, targets: all-linear, dropout: 0.4 }",
      "training.steps=2",
      "training.batch-size=25",
      "training.recompute=true"
    };
    List<Double> again = losses("again", settings);
    settings[3] = "training.recompute=mlp";
    assertNear(losses("mlp", settings), again, 1e-5);
  }

  @Test
  void theHeldOutLossIsThatOfTheModelAsItWillBeUsed() throws IOException {
    String[] settings = {
      "evaluation={every: 2, rows: 3, data: {use: token-rows, path: '%s', tensor: data}}"
          .formatted(CommandRun.golden().resolve("expected/run-longlora.safetensors"))
    };
    SmallRun run = SmallRun.in(directory);
    assertThat(run.train(settings).exitCode()).isZero();
    Path file = run.output().resolve("evaluation.jsonl");
    List<JsonNode> lines = SmallRun.lines(file);

    assertThat(lines).extracting(line -> line.get("step").asInt()).containsExactly(2, 4);
    JsonNode measured =
        CommandRun.succeed(
                "evaluate",
                "perplexity",
                "--model",
                CommandRun.golden().resolve("models/llama"),
                "--adapter",
                run.output(),
                "--data",
                "{use: token-rows, path: '%s', tensor: data}"
                    .formatted(CommandRun.golden().resolve("expected/run-longlora.safetensors")),
                "--length",
                "256",
                "--max-tokens",
                3 * 256,
                "--json")
            .json();
    assertThat(lines.get(1).get("loss").asDouble())
        .isCloseTo(measured.at("/perplexity/0/loss").asDouble(), within(1e-5));

    SmallRun again = SmallRun.in(Files.createDirectory(directory.resolve("again")));
    again.train(settings);
    assertThat(again.output().resolve("evaluation.jsonl")).hasSameTextualContentAs(file);
  }

  @Test
  void heldOutDataOfLessThanARowIsRefused() throws IOException {
    Path model = SmallRun.copyWithTokenizer("llama", directory.resolve("model"));
    Files.writeString(directory.resolve("short.txt"), "Once upon a time.");
    SmallRun run = SmallRun.in(directory);

    String[] settings = {
      "model=" + model, "evaluation={every: 2, data: {use: text, path: short.txt}}"
    };

    for (CommandRun refused : List.of(run.train(settings), run.check(settings))) {
      assertThat(refused.exitCode()).isEqualTo(2);
      assertThat(refused.err()).contains("evaluation.data", "256");
    }
    assertThat(run.output()).doesNotExist();
  }

  @Test
  void theBuiltInsTrainWithoutAnyPlugin() throws IOException {
    SmallRun.copyWithTokenizer("llama", directory.resolve("model"));
    Files.writeString(
        directory.resolve("text.txt"), "Once upon a time there was a fox. ".repeat(99));
    Files.createDirectory(directory.resolve("plugins"));
    Path recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            model: model
            output: run
            context: 64
            attention: dense
            adapter: full
            position: none
            quantization: none
            data: { use: text, path: text.txt }
            training: { steps: 3, learning-rate: 1e-3, precision: float32 }
            """);

    CommandRun trained = CommandRun.of("--plugins", directory.resolve("plugins"), "train", recipe);

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    List<Double> losses = new SmallRun(recipe).losses();
    assertThat(losses).hasSize(3);
    assertThat(losses.get(2)).isLessThan(losses.get(0));
  }

  private List<Double> losses(String name, String... settings) throws IOException {
    SmallRun run = SmallRun.in(Files.createDirectory(directory.resolve(name)));
    CommandRun trained = run.train(settings);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    return run.losses();
  }

  private String choice(String name, String key) throws IOException {
    return SmallRun.json(directory.resolve(name + "/run/run.json")).get(key).asText();
  }

  private static void assertNear(List<Double> actual, List<Double> expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.size(); i++) {
      assertThat(actual.get(i)).as("step " + (i + 1)).isCloseTo(expected.get(i), within(tolerance));
    }
  }
}
