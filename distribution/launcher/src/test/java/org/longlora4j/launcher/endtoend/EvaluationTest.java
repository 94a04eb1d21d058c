package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured of a model, through the command line. */
class EvaluationTest {
  private static final String LINE_END = System.lineSeparator();
  private static final String TEXT = "A bit of a dog, and a cat on top of it. ".repeat(30);

  @TempDir private Path directory;
  private Path model;
  private Path text;

  /** Gives the tiny reference Llama, whose context is 128 tokens, a tokenizer of bytes. */
  @BeforeEach
  void writeModel() throws IOException {
    Path reference = CommandRun.golden().resolve("models/llama");
    model = Files.createDirectory(directory.resolve("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(reference.resolve(file), model.resolve(file));
    }
    Files.copy(
        CommandRun.golden().resolveSibling("org/longlora4j/core/data/tokenizer.json"),
        model.resolve("tokenizer.json"));
    text = Files.writeString(directory.resolve("text.txt"), TEXT);
  }

  private JsonNode evaluate(String what, Object... options) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("evaluate", what, "--model", model, "--json"));
    arguments.addAll(Arrays.asList(options));
    return CommandRun.succeed(arguments.toArray()).json();
  }

  private double perplexity(Object... options) throws IOException {
    List<Object> all = new ArrayList<>(List.of("--data", text, "--length", 300));
    all.addAll(Arrays.asList(options));
    return evaluate("perplexity", all.toArray())
        .get("perplexity")
        .get(0)
        .get("perplexity")
        .asDouble();
  }

  @Test
  void perplexityTellsHowItWasMeasured() throws IOException {
    JsonNode rows =
        evaluate(
                "perplexity",
                "--data",
                text,
                "--length",
                "64,100",
                "--window",
                50,
                "--score",
                "new")
            .get("perplexity");

    assertThat(rows).hasSize(2);
    JsonNode row = rows.get(1);
    assertThat(row.get("length").asInt()).isEqualTo(100);
    assertThat(row.get("window").asInt()).isEqualTo(50);
    assertThat(row.get("score").asText()).isEqualTo("new");
    assertThat(row.get("windows").asInt()).isEqualTo((TEXT.length() + 1 - 100) / 50 + 1);
    assertThat(row.get("tokens").asInt()).isEqualTo(99 + 50 * (row.get("windows").asInt() - 1));
    // Every token is a byte, and the text's end falls into no window.
    assertThat(row.get("bits_per_byte").asDouble())
        .isCloseTo(row.get("loss").asDouble() / Math.log(2), within(1e-9));
    assertThat(row.get("accuracy").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void perplexityTellsWhatWasReadForEachLengthAndWhatWasLeftOut() throws IOException {
    Path texts = Files.createDirectory(directory.resolve("texts"));
    Files.writeString(texts.resolve("a.txt"), TEXT);
    Files.write(texts.resolve("b.txt"), new byte[] {'a', (byte) 0xff});
    Files.writeString(texts.resolve("c.txt"), "The end.");
    JsonNode rows = evaluate("perplexity", "--data", texts, "--length", "64,100").get("perplexity");

    assertThat(rows).hasSize(2);
    for (JsonNode row : rows) {
      JsonNode data = row.get("data");
      assertThat(data.get("documents").asInt()).isEqualTo(2);
      assertThat(data.get("characters").asInt()).isEqualTo(TEXT.length() + "The end.".length());
      assertThat(data.get("left_out").get("counts").get("not UTF-8").asInt()).isEqualTo(1);
      assertThat(data.get("left_out").get("examples").get(0).asText()).contains("b.txt");
    }
    String text =
        CommandRun.succeed(
                "evaluate", "perplexity", "--model", model, "--data", texts, "--length", "64,100")
            .out();
    assertThat(text)
        .endsWith("Read 2 documents, 1,208 characters. Left out 1: 1 not UTF-8." + LINE_END)
        .containsOnlyOnce("Read");
  }

  @Test
  void aScalingIsTriedAsIfTheConfigHadIt() throws IOException {
    double plain = perplexity();
    double linear = perplexity("--rope", "linear:4");
    assertThat(linear).isNotEqualTo(plain);
    assertThat(perplexity("--rope", "linear:{factor: 4}")).isEqualTo(linear);
    assertThat(perplexity("--rope", "linear")).isNotEqualTo(linear); // 300 over 128: a factor of 3
    assertThat(perplexity("--rope", "linear")).isEqualTo(perplexity("--rope", "linear:3"));
    assertThat(perplexity("--rope", "none")).isEqualTo(plain);

    ObjectMapper json = new ObjectMapper();
    Path file = model.resolve("config.json");
    ObjectNode config = (ObjectNode) json.readTree(file.toFile());
    config.remove("rope_parameters");
    config.put("rope_theta", 10000);
    config.putObject("rope_scaling").put("type", "linear").put("factor", 4);
    json.writeValue(file.toFile(), config);
    assertThat(perplexity()).isCloseTo(linear, within(1e-9));
  }

  @Test
  void scalingsThatDoNotExistOrFitAreNamed() {
    for (String[] wrong :
        new String[][] {
          {"linaer:4", "linear"},
          {"linear:0.5", "factor"},
          {"linear:{factr: 4}", "factor"},
          {"a b", "--rope is 'a b', must be a name, NAME:FACTOR or NAME:{…}"}
        }) {
      CommandRun run =
          CommandRun.of("generate", "--model", model, "--prompt", "A", "--rope", wrong[0]);
      assertThat(run.exitCode()).as(wrong[0]).isEqualTo(2);
      assertThat(run.err()).contains(wrong[1]);
    }
  }

  @Test
  void aWindowThatHoldsAllChangesNothingAndAShortOneRunsOn() throws IOException {
    List<Object> generate =
        List.of(
            "generate",
            "--model",
            model,
            "--prompt",
            "Some text",
            "--json",
            "--max-new-tokens",
            40);
    assertThat(generated(generate, "--window", "64")).isEqualTo(generated(generate));
    assertThat(generated(generate, "--window", "8", "--sinks", "2")).isNotEmpty();

    CommandRun alone = CommandRun.of("generate", "--model", model, "--prompt", "A", "--sinks", "4");
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("--sinks is given, but no --window");
  }

  private static JsonNode generated(List<Object> command, String... options) throws IOException {
    List<Object> all = new ArrayList<>(command);
    all.addAll(List.of(options));
    return CommandRun.succeed(all.toArray()).json().get("new_ids");
  }

  @Test
  void passkeysAreDrawn() throws IOException {
    Path picture = directory.resolve("maps/passkey.svg");
    evaluate(
        "passkey", "--lengths", "300,400", "--depths", "0,1", "--trials", 1, "--picture", picture);

    assertThat(Files.readString(picture))
        .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\"")
        .contains(">0.00</text>")
        .contains("400 tokens, depth 100 %: 0 of 1");
    CommandRun png = CommandRun.of("evaluate", "passkey", "--model", model, "--picture", "map.png");
    assertThat(png.exitCode()).isEqualTo(2);
    assertThat(png.err()).contains("--picture is map.png, must end in .svg");
  }

  @Test
  void topicsAreAskedFor() throws IOException {
    JsonNode rows = evaluate("topics", "--topics", 1, "--trials", 1).get("topics");

    assertThat(rows.get(0).get("accuracy").asDouble()).isZero(); // the weights are random
    assertThat(rows.get(0).get("mean_tokens").asDouble()).isGreaterThan(1000); // of bytes
    CommandRun many = CommandRun.of("evaluate", "topics", "--model", model, "--topics", "5,1000");
    assertThat(many.exitCode()).isEqualTo(2);
    assertThat(many.err()).contains("--topics has 1000, must be from 1 to 60");
  }

  @Test
  void longBenchIsAskedAndItsPredictionsAreScoredAlone() throws IOException {
    Path task =
        Files.writeString(
            directory.resolve("lcc.jsonl"),
            """
            {"_id": "1", "dataset": "lcc", "input": "", "context": "int a = 1;", "answers": ["b"], "all_classes": null, "length": 3}
            {"_id": "2", "dataset": "lcc", "input": "", "context": "int b = 2;", "answers": ["c"], "all_classes": null, "length": 3}
            """);
    Path output = directory.resolve("out.jsonl");
    JsonNode asked = evaluate("longbench", "--task", task, "--output", output, "--limit", 2);

    assertThat(Files.readAllLines(output)).hasSize(2);
    assertThat(asked.get("longbench").get(0).get("metric").asText()).isEqualTo("code-similarity");
    assertThat(asked.get("longbench").get(0).get("samples").asInt()).isEqualTo(2);
    JsonNode alone =
        CommandRun.succeed("evaluate", "longbench", "--predictions", output, "--json").json();
    assertThat(alone).isEqualTo(asked);

    CommandRun neither = CommandRun.of("evaluate", "longbench", "--json");
    assertThat(neither.exitCode()).isEqualTo(2);
    CommandRun unknown =
        CommandRun.of(
            "evaluate", "longbench", "--model", model, "--task", task, "--dataset", "squad");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("the dataset 'squad' is none of LongBench's");
  }
}
