package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user gets wrong is told in words, ends with 2, and leaves nothing behind. */
class UserMistakesTest {
  private static final Path GOLDEN = CommandRun.golden();

  @TempDir private Path directory;
  private SmallRun run;

  @BeforeEach
  void writeRecipe() throws IOException {
    run = SmallRun.in(directory);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "model=missing | missing | config.json",
        "training.stepz=3 | training.stepz | steps",
        "trainig.steps=3 | trainig | training",
        "training.steps=many | training.steps | is 'many'",
        "training.steps | training.steps | KEY=VALUE",
        "attention.group-ratio=0 | attention.group-ratio | 0",
        "adapter.targets=[no_such] | adapter.targets | no_such",
        "'data={use: text, path: nothing/*.txt}' | nothing/*.txt | match",
        "'data={use: text, path: recipe.yaml}' | tokenizer.json | text",
        "context=128 | 256 tokens | context",
        "context=3 | attention | context",
        "'adapter=full;quantization=nf4' | quantization.use | remove it",
        "'quantization=nf4;training.recompute=false' | training.recompute | is false, must be true, keep-attention or auto",
        "'quantization=nf4;training.recompute=mlp' | training.recompute | is mlp, must be true, keep-attention or auto",
        "output=recipe.yaml/run | recipe.yaml | output",
      })
  void aRecipeThatCannotBeCarriedOutIsRefused(String setting, String part, String other) {
    String[] settings = setting.replaceAll("^'|'$", "").split(";");

    assertRefused(run.train(settings), part, other);
    assertRefused(run.check(settings), part, other);
    assertThat(run.output()).doesNotExist();
  }

  @Test
  void whatDoesNotFitTheModelIsNamedWithItsLines() {
    CommandRun refused = run.check("context=3", "adapter.targets=[no_such]");

    assertRefused(refused, "no_such", "[does-not-fit]");
    assertThat(refused.err().lines())
        .anyMatch(line -> line.contains("recipe.yaml:4:") && line.endsWith(" [does-not-fit]"))
        .anyMatch(line -> line.startsWith("--set adapter.targets=[no_such]: adapter.targets: "));
  }

  @Test
  void aMissingRecipeIsNamed() {
    assertRefused(CommandRun.of("train", directory.resolve("none.yaml")), "none.yaml");
  }

  @Test
  void tokensBeyondTheVocabularyAreNamed() throws IOException {
    int[] row = new int[256];
    row[7] = 320;
    SmallRun.tokenRows(directory.resolve("rows.safetensors"), row);

    CommandRun refused = run.train("data.path=rows.safetensors");

    assertRefused(refused, "holds the token 320", "vocabulary", "has 320");
    assertRefused(run.check("data.path=rows.safetensors"), "holds the token 320");
    assertThat(run.output()).doesNotExist();
  }

  @Test
  void aTruncatedCheckpointIsNamed() throws IOException {
    Path model = SmallRun.copyOf("llama", directory.resolve("model"));
    try (FileChannel file =
        FileChannel.open(model.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
      file.truncate(file.size() - 100);
    }

    CommandRun refused = run.train("model=model");

    assertRefused(refused, "model.safetensors");
    assertThat(run.output()).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"verify", "merge"})
  void anAdapterOfAnotherModelIsRefused(String command) {
    Path output = directory.resolve("merged");
    CommandRun refused =
        CommandRun.of(
            command,
            "--model",
            GOLDEN.resolve("models/llama-mha-tied"),
            "--adapter",
            GOLDEN.resolve("adapters/longlora"),
            command.equals("merge") ? "--output" : "--expected",
            command.equals("merge") ? output : GOLDEN.resolve("expected/llama.safetensors"));

    assertRefused(refused, "adapter_model.safetensors");
    assertThat(output).doesNotExist();
    assertThat(directory.resolve("merged.partial")).doesNotExist();
  }

  @Test
  void anAdapterOfAnUnsupportedKindIsRefusedByItsOption() throws IOException {
    Path adapter = adapterWith("lora_bias", BooleanNode.TRUE);

    assertRefused(verify(adapter), "adapter_config.json", "lora_bias");
    assertRefused(merge(adapter), "adapter_config.json", "lora_bias");
  }

  @Test
  void anAdapterWithMoreThanItsConfigurationCallsForIsRefused() throws IOException {
    Path adapter = adapterWith("target_modules", new ObjectMapper().readTree("[\"q_proj\"]"));

    assertRefused(verify(adapter), "adapter_model.safetensors", "v_proj.lora_A");
    assertRefused(merge(adapter), "adapter_model.safetensors", "v_proj.lora_A");
    assertRefused(
        run.train("adapter={use: lora, start-from: adapter}"),
        "adapter_model.safetensors",
        "v_proj.lora_A");
    assertThat(run.output()).doesNotExist();
    assertThat(directory.resolve("merged")).doesNotExist();
    assertThat(directory.resolve("merged.partial")).doesNotExist();
  }

  private Path adapterWith(String key, JsonNode value) throws IOException {
    Path golden = GOLDEN.resolve("adapters/lora");
    Path adapter = Files.createDirectory(directory.resolve("adapter"));
    ObjectNode config = (ObjectNode) SmallRun.json(golden.resolve("adapter_config.json"));
    config.set(key, value);
    new ObjectMapper().writeValue(adapter.resolve("adapter_config.json").toFile(), config);
    Files.copy(
        golden.resolve("adapter_model.safetensors"), adapter.resolve("adapter_model.safetensors"));
    return adapter;
  }

  private static CommandRun verify(Path adapter) {
    return CommandRun.of(
        "verify",
        "--model",
        GOLDEN.resolve("models/llama"),
        "--adapter",
        adapter,
        "--expected",
        GOLDEN.resolve("expected/adapter-lora.safetensors"));
  }

  private CommandRun merge(Path adapter) {
    return merge(adapter, directory.resolve("merged"));
  }

  @ParameterizedTest
  @CsvSource({"1", "0", "-5"})
  void aWindowTooShortToPredictInIsRefused(String length) {
    CommandRun refused =
        CommandRun.of(
            "evaluate",
            "perplexity",
            "--model",
            GOLDEN.resolve("models/llama"),
            "--data",
            "{use: token-rows, path: '%s', tensor: data}"
                .formatted(GOLDEN.resolve("expected/run-longlora.safetensors")),
            "--length",
            length);

    assertRefused(refused, "length", length);
  }

  @Test
  void generatingWithoutATokenizerIsRefused() {
    CommandRun refused =
        CommandRun.of("generate", "--model", GOLDEN.resolve("models/llama"), "--prompt", "Once");

    assertRefused(refused, "tokenizer.json");
  }

  @ParameterizedTest
  @CsvSource({"--max-new-tokens,-1", "--temperature,-0.5", "--temperature,NaN"})
  void generatingWithSettingsOutOfRangeIsRefused(String option, String value) throws IOException {
    Path model = SmallRun.copyWithTokenizer("llama", directory.resolve("model"));
    CommandRun refused =
        CommandRun.of("generate", "--model", model, "--prompt", "Once", option, value);

    assertRefused(refused, option.substring(2), value);
  }

  @Test
  void anExpectedFileWithoutLogitsIsRefused() {
    CommandRun refused =
        CommandRun.of(
            "verify",
            "--model",
            GOLDEN.resolve("models/llama"),
            "--expected",
            GOLDEN.resolve("expected/run-longlora.safetensors"));

    assertRefused(refused, "run-longlora.safetensors", "logits");
  }

  @Test
  void aMergeOntoSomethingThatIsThereIsRefused() throws IOException {
    Path output = Files.createDirectory(directory.resolve("merged"));

    CommandRun refused = merge(GOLDEN.resolve("adapters/lora"), output);

    assertRefused(refused, "merged exists already");
    assertThat(output).isEmptyDirectory();
  }

  @Test
  void aMergeIntoAFileIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    assertRefused(
        merge(GOLDEN.resolve("adapters/lora"), file.resolve("merged")), "lies below", "file");
  }

  private static CommandRun merge(Path adapter, Path output) {
    return CommandRun.of(
        "merge",
        "--model",
        GOLDEN.resolve("models/llama"),
        "--adapter",
        adapter,
        "--output",
        output);
  }

  @Test
  void pathsAreRelativeToTheRecipe() throws IOException {
    SmallRun.copyOf("llama", directory.resolve("models/mine"));

    CommandRun trained = run.train("model=models/mine", "training.steps=1");

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(run.output().resolve("adapter_model.safetensors")).exists();
  }

  private static void assertRefused(CommandRun run, String... parts) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(parts).doesNotContain("Exception", "\tat ");
  }
}
