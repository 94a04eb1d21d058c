package org.longlora4j.launcher.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generated and composed documents, and the passkey test, through the command line. */
class RetrievalTest {
  @TempDir private Path directory;
  private Path model;

  /** Gives the tiny reference Llama a tokenizer of bytes. */
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
  }

  @Test
  void passkeysAreAskedForAtEveryLengthAndDepth() throws IOException {
    JsonNode json =
        CommandRun.succeed(
                "evaluate",
                "passkey",
                "--model",
                model,
                "--lengths",
                "300,400",
                "--depths",
                "0,0.5,1",
                "--trials",
                "2",
                "--json")
            .json();

    assertThat(json.get("passkey")).hasSize(6);
    JsonNode last = json.get("passkey").get(5);
    assertThat(last.get("length").asInt()).isEqualTo(400);
    assertThat(last.get("depth").asDouble()).isEqualTo(1.0);
    assertThat(last.get("trials").asInt()).isEqualTo(2);
    assertThat(last.get("accuracy").asDouble()).isZero(); // the weights are random
    assertThat(last.get("mean_tokens").asDouble()).isBetween(390.0, 400.0);
    assertThat(json.get("by_length")).hasSize(2);
    assertThat(json.get("by_length").get(0).get("trials").asInt()).isEqualTo(6);
  }

  @Test
  void wrongDepthsAndLengthsAreNamed() {
    CommandRun depth =
        CommandRun.of("evaluate", "passkey", "--model", model, "--depths", "0,random");
    CommandRun length = CommandRun.of("evaluate", "passkey", "--model", model, "--lengths", "20");

    assertThat(depth.exitCode()).isEqualTo(2);
    assertThat(depth.err())
        .contains("--depths has random, must be numbers between 0 and 1, or random alone");
    assertThat(length.exitCode()).isEqualTo(2);
    assertThat(length.err()).contains("the passkey prompt without filler takes");
  }

  @Test
  void aModelTrainsOnAMixOfSourceCodeAndPasskeys() throws IOException {
    try (ZipOutputStream jar =
        new ZipOutputStream(Files.newOutputStream(directory.resolve("a-sources.jar")))) {
      jar.putNextEntry(new ZipEntry("a/A.java"));
      jar.write("class A {}\n".repeat(200).getBytes(UTF_8));
    }
    Path recipe =
        Files.writeString(
            directory.resolve("run.yaml"),
            """
            model: model
            context: 256
            data:
              use: mix
              sources:
                - source: { use: sources-jar, path: '*-sources.jar' }
                  weight: 0.75
                - source: { use: passkey, characters: { min: 300, max: 500 }, documents: 3 }
                  weight: 0.25
            training: { steps: 4, precision: float32 }
            """);

    CommandRun.succeed("train", recipe);

    assertThat(Files.readAllLines(directory.resolve("run/metrics.jsonl"))).hasSize(4);
    assertThat(Files.readString(directory.resolve("run/recipe.yaml")))
        .contains("use: mix")
        .contains("keys: 1");
  }
}
