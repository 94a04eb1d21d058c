package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole training runs, adapters and merges against those of transformers and PEFT. */
class GoldenRunsTest {
  private static final Path GOLDEN = CommandRun.golden();

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run-longlora",
        "run-rolled",
        "run-dense",
        "run-plain-lora",
        "run-yarn",
        "run-longqlora"
      })
  void everyStepOfARunEqualsThatOfThePythonStack(String name) throws IOException {
    Path output = directory.resolve("out");
    CommandRun.succeed(
        "train", GOLDEN.resolve("recipes/" + name + ".yaml"), "--set", "output=" + output);

    JsonNode expected =
        new ObjectMapper().readTree(GOLDEN.resolve("expected/" + name + ".json").toFile());
    List<String> lines = Files.readAllLines(output.resolve("metrics.jsonl"));
    assertThat(lines).hasSize(expected.get("steps").asInt());
    for (int i = 0; i < lines.size(); i++) {
      JsonNode step = new ObjectMapper().readTree(lines.get(i));
      assertThat(step.get("step").asInt()).isEqualTo(i + 1);
      assertThat(step.get("loss").asDouble())
          .isCloseTo(expected.get("losses").get(i).asDouble(), within(1e-4));
      assertThat(step.get("grad_norm").asDouble())
          .isCloseTo(expected.get("grad_norms").get(i).asDouble(), within(1e-3));
    }
    Tensors.assertClose(
        Tensors.in(output.resolve("adapter_model.safetensors")),
        Tensors.in(GOLDEN.resolve("adapters/" + name + "-trained/adapter_model.safetensors")),
        1e-4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "longlora", "all-linear", "rslora", "dora"})
  void anAdapterThatPeftWroteGivesItsLogits(String name) throws IOException {
    CommandRun verify =
        CommandRun.succeed(
            "verify",
            "--model",
            GOLDEN.resolve("models/llama"),
            "--adapter",
            GOLDEN.resolve("adapters/" + name),
            "--expected",
            GOLDEN.resolve("expected/adapter-" + name + ".safetensors"),
            "--tolerance",
            "1e-4",
            "--json");

    assertThat(verify.json().get("relative_difference").asDouble()).isLessThan(1e-4);
    assertThat(verify.json().get("within").asBoolean()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "longlora", "all-linear", "rslora", "dora"})
  void anAdapterThatPeftWroteMergesAsPeftMergesIt(String name) {
    Path merged = directory.resolve("merged");
    CommandRun.succeed(
        "merge",
        "--model",
        GOLDEN.resolve("models/llama"),
        "--adapter",
        GOLDEN.resolve("adapters/" + name),
        "--output",
        merged);

    Path expectedFile = GOLDEN.resolve("expected/adapter-" + name + ".safetensors");
    Map<String, float[]> expected = new TreeMap<>();
    Tensors.in(expectedFile)
        .forEach(
            (key, value) -> {
              if (key.startsWith("merged.")) {
                expected.put(key.substring("merged.".length()), value);
              }
            });
    Tensors.assertClose(Tensors.in(merged.resolve("model.safetensors")), expected, 1e-5);
    CommandRun.succeed(
        "verify", "--model", merged, "--expected", expectedFile, "--tolerance", "1e-4");
  }

  /** With a row of embeddings more, of the token that the published code adds for padding. */
  @Test
  void anAdapterOfThePublishedLongLoraCodeIsReadFromItsPickles() {
    Path expected = GOLDEN.resolve("expected/adapter-longlora.safetensors");
    Object[] pair = {
      "--model", GOLDEN.resolve("models/llama"), "--adapter", GOLDEN.resolve("pickles/longlora")
    };
    CommandRun.succeed(
        "verify",
        pair[0],
        pair[1],
        pair[2],
        pair[3],
        "--expected",
        expected,
        "--tolerance",
        "1e-4");
    Path merged = directory.resolve("merged");
    CommandRun.succeed("merge", pair[0], pair[1], pair[2], pair[3], "--output", merged);
    CommandRun.succeed("verify", "--model", merged, "--expected", expected, "--tolerance", "1e-4");
  }

  @Test
  void logitsBeyondTheToleranceEndWithOne() {
    CommandRun verify =
        CommandRun.of(
            "verify",
            "--model",
            GOLDEN.resolve("models/llama"),
            "--expected",
            GOLDEN.resolve("expected/llama-linear.safetensors"));

    assertThat(verify.exitCode()).isEqualTo(1);
    assertThat(verify.out()).contains("NOT within the tolerance 1.0e-03");
  }
}
