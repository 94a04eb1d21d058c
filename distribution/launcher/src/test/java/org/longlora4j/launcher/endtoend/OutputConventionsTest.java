package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With {@code --json}, standard output is one JSON document for every command. */
class OutputConventionsTest {
  private static final Path GOLDEN = CommandRun.golden();
  private static final ObjectMapper STRICT =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @TempDir private Path directory;

  @Test
  void trainPrintsItsResultAloneAndItsProgressAside() throws IOException {
    SmallRun run = SmallRun.in(directory);

    CommandRun trained = CommandRun.of("train", run.recipe(), "--json");

    assertThat(trained.exitCode()).isZero();
    JsonNode result = STRICT.readTree(trained.out());
    assertThat(result.get("output").asText()).isEqualTo(run.output().toString());
    assertThat(result.get("last_step").asInt()).isEqualTo(4);
    assertThat(result.get("completed").asBoolean()).isTrue();
    assertThat(result.get("loss").asDouble()).isEqualTo(run.losses().get(3));
    assertThat(trained.err()).contains("step 1/4 loss", "step 4 checkpoint written");
  }

  @Test
  void everyOtherCommandPrintsOneDocumentAndNothingElse() throws IOException {
    Path model = SmallRun.copyWithTokenizer("llama", directory.resolve("model"));
    Path adapter = GOLDEN.resolve("adapters/lora");
    Path rows = GOLDEN.resolve("expected/run-longlora.safetensors");
    Path recipe = SmallRun.in(directory).recipe();

    assertOneDocument(
        "relative_difference",
        "verify",
        "--model",
        model,
        "--expected",
        GOLDEN.resolve("expected/llama.safetensors"));
    assertOneDocument(
        "merged_tensors",
        "merge",
        "--model",
        model,
        "--adapter",
        adapter,
        "--output",
        directory.resolve("merged"));
    assertOneDocument(
        "new_ids", "generate", "--model", model, "--prompt", "a", "--max-new-tokens", 2);
    assertOneDocument(
        "perplexity",
        "evaluate",
        "perplexity",
        "--model",
        model,
        "--data",
        "{use: token-rows, path: '%s', tensor: data}".formatted(rows),
        "--length",
        "64,128",
        "--max-tokens",
        256);
    assertOneDocument("valid", "recipe", "check", recipe);
    assertOneDocument("training", "recipe", "show", recipe);
    assertOneDocument("$schema", "recipe", "schema");
    assertOneDocument("plugins", "plugins", "list");
  }

  private static void assertOneDocument(String key, Object... command) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of(command));
    arguments.add("--json");
    CommandRun run = CommandRun.succeed(arguments.toArray());
    assertThat(STRICT.readTree(run.out()).has(key)).as(run.out()).isTrue();
    assertThat(run.err()).isEmpty();
  }
}
