package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** The studies that come with the distribution, and one that is killed. */
@DisabledOnOs(OS.WINDOWS)
final class ShippedStudiesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path GOLDEN =
      Path.of("../framework-api/core/src/test/resources/golden").toAbsolutePath().normalize();
  private static final String STUDY =
      """
      seeds: [1]
      recipe:
        model: %1$s/models/llama
        context: 256
        adapter: { use: lora-plus, rank: 4, alpha: 8 }
        position: linear
        data: &rows
          use: token-rows
          path: %1$s/expected/run-longlora.safetensors
          tensor: data
        training: { steps: 20, learning-rate: 1e-3, checkpoint-every: 3, precision: float32 }
      cells:
        first: { set: { attention: dense } }
        second: { set: { attention: s2-attn } }
      evaluation: { data: *rows, perplexity: { lengths: [256], max-tokens: 512 } }
      """
          .formatted(GOLDEN);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "attention-patterns, 6, 18",
    "trainable-parts, 10, 30",
    "positional-scalings, 36, 54",
    "group-size, 5, 15",
    "four-bit, 8, 16"
  })
  void every_study_fits_the_pocket_model(String name, int cells, int runs) throws Exception {
    Ended planned =
        AssembledCommand.run(
            directory, "study", name, "--plan", "--json", "--output", directory.resolve("out"));

    assertThat(planned.exitCode()).as(planned.err()).isZero();
    JsonNode rows = JSON.readTree(planned.out()).get("cells");
    assertThat(rows).hasSize(cells);
    assertThat(rows.findValues("runs").stream().mapToInt(JsonNode::asInt).sum()).isEqualTo(runs);
    assertThat(rows.findValues("mistake")).isEmpty();
  }

  @Test
  void a_study_that_is_killed_goes_on_with_the_cell_it_was_in() throws Exception {
    Path study = Files.writeString(directory.resolve("study.yaml"), STUDY);
    JsonNode whole = carryOut(study, directory.resolve("whole"));
    Path output = directory.resolve("killed");
    Path second = output.resolve("cells/second/seed-1");
    try (AssembledCommand killed =
        AssembledCommand.start(directory, "study", study, "--output", output)) {
      killed.await(() -> hasCheckpoint(second));
      killed.signal("KILL");
      assertThat(killed.end().exitCode()).isNotZero();
    }
    String first = Files.readString(output.resolve("cells/first/seed-1.json"));
    assertThat(JSON.readTree(second.resolveSibling("seed-1.json").toFile()).get("state").asText())
        .isEqualTo("begun");

    JsonNode goneOn = carryOut(study, output);

    assertThat(output.resolve("cells/first/seed-1.json")).hasContent(first);
    for (int cell : new int[] {0, 1}) {
      assertThat(goneOn.at("/cells/%d/runs/0/perplexity_256".formatted(cell)))
          .isEqualTo(whole.at("/cells/%d/runs/0/perplexity_256".formatted(cell)));
    }
  }

  private JsonNode carryOut(Path study, Path output) throws Exception {
    Ended ended = AssembledCommand.run(directory, "study", study, "--output", output, "--json");
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    return JSON.readTree(ended.out());
  }

  private static boolean hasCheckpoint(Path run) {
    Path metrics = run.resolve("metrics.jsonl");
    try {
      return Files.exists(metrics)
          && Files.exists(run.resolve("checkpoints/step-3"))
          && Files.readAllLines(metrics).size() > 3;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
