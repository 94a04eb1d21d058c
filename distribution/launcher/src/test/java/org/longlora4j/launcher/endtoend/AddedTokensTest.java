package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.tensor.SafetensorsFile;

/** Tokens that a recipe adds: rows of embeddings and head, in the adapter and merged. */
class AddedTokensTest {
  private static final int OLD = 320;
  private static final int NEW = 323;
  private static final String EMBEDDINGS = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";
  private static final String IN_ADAPTER = "base_model.model.";

  @TempDir private Path directory;

  /** A model whose tokenizer has a token for every row of the embeddings. */
  private Path model(String name) throws IOException {
    Path model = SmallRun.copyWithTokenizer(name, directory.resolve(name));
    Path file = model.resolve("tokenizer.json");
    ObjectNode tokenizer = (ObjectNode) SmallRun.json(file);
    for (int id = 263; id < OLD; id++) {
      tokenizer
          .withArrayProperty("added_tokens")
          .addObject()
          .put("id", id)
          .put("content", "<extra_" + id + ">")
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    Files.writeString(file, tokenizer.toString());
    return model;
  }

  private SmallRun recipe(Path model, String adapter) throws IOException {
    Path folder = Files.createDirectories(directory.resolve("run-of-" + adapter));
    Files.writeString(
        folder.resolve("text.txt"), "<|user|>Where is the fox?<|end|>In the wood. ".repeat(40));
    return new SmallRun(
        Files.writeString(
            folder.resolve("recipe.yaml"),
            """
            model:
              path: %s
              add-tokens: { pad: '[PAD]', special: ['<|user|>', '<|end|>'] }
            output: run
            context: 64
            pack: isolate
            adapter: %s
            data: { use: text, path: text.txt }
            training: { steps: 4, learning-rate: 1e-2, checkpoint-every: 2, precision: float32 }
            """
                .formatted(model, adapter)));
  }

  private SmallRun trained(Path model, String adapter) throws IOException {
    SmallRun run = recipe(model, adapter);
    CommandRun trained = run.train();
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    return run;
  }

  private static float[][] rows(Path path, String tensor) {
    try (TensorFile file = SafetensorsFile.open(path)) {
      TensorEntry entry = file.entries().get(tensor);
      FloatBuffer floats = file.bytes(tensor).asFloatBuffer();
      float[][] rows = new float[(int) entry.shape().get(0)][(int) entry.shape().get(1)];
      for (float[] row : rows) {
        floats.get(row);
      }
      return rows;
    }
  }

  /** The old rows as they were, and the mean of them three times. */
  private static void assertGrown(float[][] grown, float[][] old) {
    assertThat(grown).hasDimensions(NEW, old[0].length);
    assertThat(Arrays.copyOf(grown, OLD)).isDeepEqualTo(old);
    for (int column = 0; column < old[0].length; column++) {
      double sum = 0;
      for (float[] row : old) {
        sum += row[column];
      }
      for (int row = OLD; row < NEW; row++) {
        assertThat((double) grown[row][column]).isCloseTo(sum / OLD, within(1e-6));
      }
    }
  }

  @Test
  void theNewRowsAreTheMeanOfTheOldAndAreSavedWithTheAdapterAndMerged() throws IOException {
    Path model = model("llama");
    Path run = trained(model, "lora").output();
    Path weights = model.resolve("model.safetensors");
    Path adapter = run.resolve("adapter_model.safetensors");
    for (String tensor : new String[] {EMBEDDINGS, HEAD}) {
      assertGrown(rows(adapter, IN_ADAPTER + tensor), rows(weights, tensor));
    }

    Path merged = directory.resolve("merged");
    CommandRun.succeed("merge", "--model", model, "--adapter", run, "--output", merged);

    for (String tensor : new String[] {EMBEDDINGS, HEAD}) {
      assertGrown(rows(merged.resolve("model.safetensors"), tensor), rows(weights, tensor));
    }
    assertThat(loss(merged, merged, run)).isCloseTo(loss(model, run, run), within(1e-5));
  }

  private static double loss(Path model, Path adapter, Path run) throws IOException {
    Path text = run.resolveSibling("text.txt");
    CommandRun measured =
        model.equals(adapter)
            ? CommandRun.succeed(
                "evaluate",
                "perplexity",
                "--model",
                model,
                "--data",
                text,
                "--length",
                "64",
                "--json")
            : CommandRun.succeed(
                "evaluate",
                "perplexity",
                "--model",
                model,
                "--adapter",
                adapter,
                "--data",
                text,
                "--length",
                "64",
                "--json");
    return measured.json().at("/perplexity/0/loss").asDouble();
  }

  @Test
  void theFilesOfTheTokenizerAndTheModelNameTheTokens() throws IOException {
    Path model = model("llama");
    Path run = trained(model, "lora").output();
    Path merged = directory.resolve("merged");
    CommandRun.succeed("merge", "--model", model, "--adapter", run, "--output", merged);

    for (Path place : new Path[] {run, merged}) {
      JsonNode config = SmallRun.json(place.resolve("config.json"));
      assertThat(config.path("vocab_size").asInt()).isEqualTo(NEW);
      assertThat(config.path("pad_token_id").asInt()).isEqualTo(OLD);
      JsonNode tokens = SmallRun.json(place.resolve("tokenizer_config.json"));
      assertThat(tokens.path("pad_token").asText()).isEqualTo("[PAD]");
      assertThat(tokens.path("additional_special_tokens"))
          .extracting(JsonNode::asText)
          .containsExactly("<|user|>", "<|end|>");
      assertThat(tokens.at("/added_tokens_decoder/321"))
          .isEqualTo(
              new ObjectMapper()
                  .readTree(
                      """
                      {"content": "<|user|>", "single_word": false, "lstrip": false,
                       "rstrip": false, "normalized": false, "special": true}
                      """));
      try (Tokenizer tokenizer = Tokenizer.inDirectory(place).orElseThrow()) {
        assertThat(tokenizer.encode("[PAD]<|user|><|end|>a"))
            .containsExactly(320, 321, 322, 'a' + 2);
      }
    }
    assertThat(model.resolve("tokenizer_config.json")).doesNotExist();
  }

  @Test
  void theNewRowsLearnWhereEmbeddingsTrain() throws IOException {
    Path model = model("llama");
    Path run = trained(model, "lora-plus").output();
    float[][] rows = rows(run.resolve("adapter_model.safetensors"), IN_ADAPTER + EMBEDDINGS);

    assertThat(rows).hasDimensions(NEW, rows[0].length);
    assertThat(rows[321]).isNotEqualTo(rows[322]); // both are in the text
    Path merged = directory.resolve("merged");
    CommandRun.succeed("merge", "--model", model, "--adapter", run, "--output", merged);
    assertThat(rows(merged.resolve("model.safetensors"), EMBEDDINGS)).isDeepEqualTo(rows);
    assertThat(loss(merged, merged, run)).isCloseTo(loss(model, run, run), within(1e-5));
  }

  @Test
  void aTiedHeadStaysTied() throws IOException {
    Path model = model("llama-mha-tied");
    Path run = trained(model, "lora").output();
    Path merged = directory.resolve("merged");
    CommandRun.succeed("merge", "--model", model, "--adapter", run, "--output", merged);

    try (TensorFile adapter = SafetensorsFile.open(run.resolve("adapter_model.safetensors"));
        TensorFile whole = SafetensorsFile.open(merged.resolve("model.safetensors"))) {
      assertThat(adapter.entries())
          .containsKey(IN_ADAPTER + EMBEDDINGS)
          .doesNotContainKey(IN_ADAPTER + HEAD);
      assertThat(whole.entries()).containsKey(EMBEDDINGS).doesNotContainKey(HEAD);
    }
    assertThat(loss(merged, merged, run)).isCloseTo(loss(model, run, run), within(1e-5));
  }

  @Test
  void aWholeCheckpointHasThemToo() throws IOException {
    Path run = trained(model("llama"), "full").output();

    assertThat(rows(run.resolve("model.safetensors"), HEAD)).hasDimensions(NEW, 64);
    try (Tokenizer tokenizer = Tokenizer.inDirectory(run).orElseThrow()) {
      assertThat(tokenizer.encode("<|end|>")).containsExactly(322);
    }
  }

  @ParameterizedTest
  @CsvSource({"lora", "lora-plus"})
  void aRunThatStartsFromSuchAnAdapterHasItsTokens(String adapter) throws IOException {
    Path model = model("llama");
    SmallRun first = trained(model, adapter);
    double reached = loss(model, first.output(), first.output());
    CommandRun further =
        CommandRun.of(
            "train",
            first.recipe(),
            "--set",
            "model=" + model,
            "--set",
            "output=further",
            "--set",
            "adapter.start-from=" + first.output(),
            "--set",
            "training.learning-rate=0");
    assertThat(further.exitCode()).as(further.err()).isZero();
    Path second = first.output().resolveSibling("further");

    assertThat(loss(model, second, first.output())).isCloseTo(reached, within(1e-6));
    assertThat(rows(second.resolve("adapter_model.safetensors"), IN_ADAPTER + EMBEDDINGS)[322])
        .containsExactly(
            rows(first.output().resolve("adapter_model.safetensors"), IN_ADAPTER + EMBEDDINGS)[322],
            offset(0f));
  }

  @Test
  void aResumedRunEqualsOneThatNeverStopped() throws IOException {
    Path model = model("llama");
    List<Double> losses = trained(model, "lora-plus").losses();
    SmallRun run = recipe(model, "lora-plus");
    assertThat(run.train("output=parts", "training.steps=2").exitCode()).isZero();
    assertThat(run.resume("output=parts").exitCode()).isZero();

    assertThat(SmallRun.lines(run.output().resolveSibling("parts/metrics.jsonl")))
        .extracting(line -> line.get("loss").asDouble())
        .isEqualTo(losses);
  }

  @Test
  void aTokenThatIsThereKeepsItsRow() throws IOException {
    Path model = model("llama");
    SmallRun run = recipe(model, "lora");
    CommandRun trained = run.train("model.add-tokens={pad: '</s>', special: ['hello']}");
    assertThat(trained.exitCode()).as(trained.err()).isZero();

    JsonNode config = SmallRun.json(run.output().resolve("config.json"));
    assertThat(config.path("vocab_size").asInt()).isEqualTo(OLD);
    assertThat(config.path("pad_token_id").asInt()).isEqualTo(1);
  }

  @Test
  void aModelWithoutATokenizerAndTokensThatAreNoneAreRefused() throws IOException {
    SmallRun run = recipe(SmallRun.copyOf("llama", directory.resolve("bare")), "lora");
    assertThat(run.check().err()).contains("tokenizer.json", "model.add-tokens");
    assertThat(run.check("model.add-tokens={special: ['a', 'a']}").err()).contains("one twice");
  }
}
