package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs on a small file in LongAlpaca's form. */
class InstructionTuningTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> ANIMALS = List.of("fox", "owl", "bear", "hare", "mole", "crow");

  @TempDir private Path directory;
  private Path model;

  @BeforeEach
  void copyModel() throws IOException {
    model = SmallRun.copyWithTokenizer("llama", directory.resolve("model"));
    Path config = model.resolve("config.json");
    ObjectNode json = (ObjectNode) SmallRun.json(config);
    Files.writeString(config, json.put("eos_token_id", 1).toString()); // the tokenizer's </s>
  }

  /**
   * Questions of which each answer is a word of its text. The tokenizer has a token for each byte,
   * but for {@code he}, {@code ll} and a {@code w} after a blank.
   */
  private Path alpaca(String name) throws IOException {
    ArrayNode records = JSON.createArrayNode();
    for (int i = 0; i < 24; i++) {
      String animal = ANIMALS.get(i % ANIMALS.size());
      String place = "hill " + i;
      records
          .addObject()
          .put(
              "instruction",
              "A text: The " + animal + " lives on the " + place + ". Who lives there?")
          .put("input", i % 3 == 0 ? "Answer with a word." : "")
          .put("output", "The " + animal + ".")
          .put("file", "book " + i);
    }
    return Files.writeString(directory.resolve(name), records.toString());
  }

  private SmallRun recipe(String pack, String training) throws IOException {
    alpaca("alpaca.json");
    Path folder = Files.createDirectories(directory.resolve("recipes"));
    return new SmallRun(
        Files.writeString(
            folder.resolve("recipe.yaml"),
            """
            model: %s
            output: run
            context: 256
            attention: { use: s2-attn, group-ratio: 0.25 }
            adapter: { use: lora-plus, rank: 8, alpha: 16 }
            position: linear
            data: { use: alpaca, path: ../alpaca.json }
            pack: %s
            evaluation: { every: 5, rows: 3, data: { use: alpaca, path: ../alpaca.json, shuffle: false } }
            training: { learning-rate: 1e-2, precision: float32, %s }
            """
                .formatted(model, pack, training)));
  }

  @ParameterizedTest
  @CsvSource({
    "concat, true, float32", "pad, true, float32", "isolate, true, float32",
    "concat, false, bfloat16", "pad, false, bfloat16", "isolate, false, bfloat16"
  })
  void theLossOnAnswersFalls(String pack, boolean recompute, String precision) throws IOException {
    SmallRun run = recipe(pack, "steps: 30, batch-size: 2, accumulate: 2, recompute: " + recompute);
    CommandRun trained = run.train("training.precision=" + precision);

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    List<Double> losses = run.losses();
    assertThat(losses).hasSize(30).allMatch(Double::isFinite);
    assertThat(losses.get(29)).isLessThan(losses.get(0) / 2);
    assertThat(SmallRun.lines(run.output().resolve("evaluation.jsonl")))
        .extracting(line -> line.get("loss").asDouble())
        .hasSize(6)
        .allMatch(Double::isFinite)
        .satisfies(held -> assertThat(held.get(5)).isLessThan(held.get(0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"concat", "pad", "isolate"})
  void aResumedRunEqualsOneThatNeverStopped(String pack) throws IOException {
    SmallRun run = recipe(pack, "steps: 6, batch-size: 2, accumulate: 2, checkpoint-every: 3");
    assertSucceeds(run.train());
    List<Double> losses = run.losses();
    assertSucceeds(run.train("output=parts", "training.steps=3"));
    assertSucceeds(run.resume("output=parts"));

    assertThat(SmallRun.lines(run.output().resolveSibling("parts/metrics.jsonl")))
        .extracting(line -> line.get("loss").asDouble())
        .isEqualTo(losses);
  }

  private static void assertSucceeds(CommandRun run) {
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void theLossIsTheMeanOverAllAnswersOfAStepHoweverItsRowsAreDivided() throws IOException {
    SmallRun run = recipe("pad", "steps: 1, warmup-steps: 0");
    run.train("training.batch-size=4", "data.shuffle=false", "output=one");
    run.train("training.accumulate=4", "data.shuffle=false", "output=four");
    run.train("training.batch-size=2", "training.accumulate=2", "data.shuffle=false", "output=two");

    double expected = loss(run, "one");
    assertThat(loss(run, "four")).isCloseTo(expected, within(1e-5));
    assertThat(loss(run, "two")).isCloseTo(expected, within(1e-5));
  }

  private static double loss(SmallRun run, String output) throws IOException {
    return SmallRun.lines(run.output().resolveSibling(output + "/metrics.jsonl"))
        .get(0)
        .get("loss")
        .asDouble();
  }

  @Test
  void inspectionShowsTheRowsAsTheModelSeesThem() throws IOException {
    SmallRun run = recipe("isolate", "steps: 1");
    CommandRun shown =
        CommandRun.succeed("data", "inspect", run.recipe(), "--set", "data.shuffle=false");

    List<String> lines = shown.out().lines().toList();
    assertThat(lines)
        .startsWith(
            "== row 1: 256 tokens, 25 learned, 26 padding, 3 documents ==",
            "-- document 1: 88 tokens, 8 learned --",
            "[INST]A text: The fox lives on the hill 0. Who lives there?",
            "Answer with a word.[/INST]⟦The fox.</s>⟧",
            "-- document 2: 70 tokens, 8 learned --",
            "[INST]A text: The owl lives on the hill 1. Who lives there?[/INST]⟦The owl.</s>⟧");
    assertThat(lines.get(lines.size() - 1))
        .isEqualTo(
            "All 24 documents: 1,870 tokens, 208 learned. Tokens by document: shortest 70, median"
                + " 73, mean 77.9, 95% at most 91, longest 91. Longer than the context of 256: 0."
                + " Answers cut off at the context's end: 0. Left out without a token of an answer:"
                + " 0.");
    assertThat(shown.err()).isEmpty();
  }

  @Test
  void inspectionPrintsOneJsonDocument() throws IOException {
    SmallRun run = recipe("concat", "steps: 1");
    JsonNode shown =
        CommandRun.succeed(
                "data",
                "inspect",
                run.recipe(),
                "--rows",
                "1",
                "--documents",
                "5",
                "--json",
                "--set",
                "data.shuffle=false",
                "--set",
                "context=68")
            .json();

    assertThat(shown.at("/rows")).hasSize(1);
    ObjectNode first = (ObjectNode) shown.at("/rows/0/documents/0/parts/0");
    assertThat(first.get("text").asText()).startsWith("[INST]A text: The owl").endsWith("[/INST]");
    assertThat(first.get("learned").asBoolean()).isFalse();
    assertThat(shown.at("/lengths/documents").asInt()).isEqualTo(5);
    assertThat(shown.at("/lengths/all").asBoolean()).isFalse();
    assertThat(shown.at("/rows/0/documents/0/parts/1/text").asText()).isEqualTo("The owl");
    assertThat(shown.at("/lengths/cut").asInt()).isEqualTo(3);
    assertThat(shown.at("/lengths/skipped").asInt()).isEqualTo(2);
    assertThat(shown.at("/lengths/beyond_context").asInt()).isEqualTo(5);
  }

  @Test
  void aRunTellsWhatItCutAndLeftOut() throws IOException {
    SmallRun run = recipe("pad", "steps: 20");
    CommandRun trained = run.train("context=70", "position=none", "data.shuffle=false");

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.out())
        .contains("answers cut off at the context's end")
        .contains("dialogues without an answer within the context");
    assertThat(run.losses()).allMatch(Double::isFinite);
  }
}
