package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** Reads what needs libraries of its own: in the bundle, nothing is on a class path beside it. */
@DisabledOnOs(OS.WINDOWS)
final class AssembledSourcesTest {
  private static final Path CORE =
      Path.of("../framework-api/core/src/test/resources").toAbsolutePath().normalize();
  private static final Path DATASETS =
      Path.of("../plugin-datasets/src/test/resources/org/longlora4j/plugin/datasets")
          .toAbsolutePath()
          .normalize();
  private static final String PDF =
      """
      %%PDF-1.4
      1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
      2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
      3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R
        /Resources <</Font <</F1 5 0 R>>>>>> endobj
      4 0 obj <</Length %d>>
      stream
      %s
      endstream endobj
      5 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
      trailer <</Root 1 0 R>>
      """;

  @TempDir private Path directory;
  private Path recipe;

  @BeforeEach
  void writeFiles() throws Exception {
    Path model = Files.createDirectory(directory.resolve("model"));
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(CORE.resolve("golden/models/llama").resolve(file), model.resolve(file));
    }
    Files.copy(
        CORE.resolve("org/longlora4j/core/data/tokenizer.json"), model.resolve("tokenizer.json"));
    Files.copy(DATASETS.resolve("two.jsonl.zst"), directory.resolve("two.jsonl.zst"));
    String content = "BT /F1 12 Tf 72 700 Td (Once upon a time) Tj ET";
    Files.writeString(directory.resolve("a.pdf"), PDF.formatted(content.length(), content));
    Files.writeString(directory.resolve("b.pdf"), "no pdf");
    recipe =
        Files.writeString(
            directory.resolve("recipe.yaml"),
            """
            model: model
            output: run
            context: 64
            data:
              use: mix
              sources:
                - source: { use: jsonl, path: '*.zst' }
                - source: { use: pdf, path: '*.pdf', strict: %s }
            training: { steps: 3, precision: float32 }
            """);
  }

  private Ended train(boolean strict) throws Exception {
    Path written = directory.resolve("strict-" + strict + ".yaml");
    Files.writeString(written, Files.readString(recipe).formatted(strict));
    return AssembledCommand.run(directory, "train", written, "--json");
  }

  @Test
  void what_was_read_and_left_out_is_told_at_the_end_of_a_run() throws Exception {
    Ended ended = train(false);

    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(ended.err()).contains("left out: " + directory.resolve("b.pdf") + " is no PDF file");
    JsonNode data = new ObjectMapper().readTree(ended.out()).get("data");
    assertThat(data.get("documents").asInt()).isGreaterThan(3);
    assertThat(data.get("left_out").get("counts").get("broken").asInt()).isPositive();
    JsonNode summary = new ObjectMapper().readTree(directory.resolve("run/summary.json").toFile());
    assertThat(summary.get("data")).isEqualTo(data);
  }

  @Test
  void under_strict_it_ends_the_run_as_wrong_input() throws Exception {
    Ended ended = train(true);

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.err()).contains(directory.resolve("b.pdf") + " is no PDF file or broken");
  }
}
