package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves for those who want to know how it went. */
class RunReportTest {
  private static final Path RECIPE = CommandRun.golden().resolve("recipes/run-longlora.yaml");

  @TempDir private Path directory;

  @Test
  void everyRunLeavesAReportAndCanBeRepeatedFromIt() throws IOException {
    Path first = directory.resolve("first");
    Path again = directory.resolve("again");
    CommandRun.succeed("train", RECIPE, "--set", "output=" + first, "--set", "training.steps=3");
    CommandRun.succeed("train", first.resolve("recipe.yaml"), "--set", "output=" + again);

    assertThat(first.resolve("report.html"))
        .content()
        .contains("Completed: 3 of 3 steps.", first + "/recipe.yaml --set output");
    assertThat(losses(again)).hasSize(3).isEqualTo(losses(first));
    JsonNode summary = new ObjectMapper().readTree(first.resolve("summary.json").toFile());
    assertThat(summary.get("ending").asText()).isEqualTo("completed");
    assertThat(summary.get("phase_seconds").fieldNames())
        .toIterable()
        .containsExactly("data", "forward_and_backward", "optimizer", "checkpoints");
    long trained = summary.get("trainable_parameters").asLong();
    JsonNode memory = summary.get("memory_bytes");
    assertThat(memory.get("trained_parameters").asLong()).isEqualTo(4 * trained);
    assertThat(memory.get("optimizer_state").asLong()).isEqualTo(8 * trained);
    assertThat(memory.get("frozen_weights").asLong()).isPositive();
  }

  @Test
  void aRunThatGoesOnAddsUpItsTime() throws IOException {
    Path run = directory.resolve("run");
    CommandRun.succeed("train", RECIPE, "--set", "output=" + run, "--set", "training.steps=2");
    double before = seconds(run);
    CommandRun.succeed(
        "train", RECIPE, "--set", "output=" + run, "--set", "training.steps=3", "--resume");

    assertThat(seconds(run)).isGreaterThan(before);
    assertThat(run.resolve("report.html")).content().contains("Completed: 3 of 3 steps.");
  }

  @Test
  void biasesAndAHeadThatIsNoLongerTiedAreCounted() throws IOException {
    SmallRun biased = SmallRun.on("qwen2", Files.createDirectory(directory.resolve("qwen2")));
    SmallRun untied =
        SmallRun.on("llama-mha-tied", Files.createDirectory(directory.resolve("tied")));
    assertThat(biased.train("adapter=full", "training.steps=1").exitCode()).isZero();
    assertThat(untied.train("training.steps=1").exitCode()).isZero();

    // All numbers of the checkpoints' tensors; a rank of 4 at four projections of three layers of
    // width 64; the embeddings of 320 tokens once more.
    assertThat(totalParameters(biased)).isEqualTo(159_552);
    assertThat(totalParameters(untied)).isEqualTo(171_456 + 3 * 4 * 4 * (64 + 64) + 320 * 64);
  }

  private static long totalParameters(SmallRun run) throws IOException {
    return SmallRun.json(run.output().resolve("summary.json")).get("total_parameters").asLong();
  }

  @Test
  void aRecipeMayAskForTensorBoardFiles() {
    Path run = directory.resolve("run");
    CommandRun.succeed(
        "train",
        RECIPE,
        "--set",
        "output=" + run,
        "--set",
        "training.steps=1",
        "--set",
        "listeners=[{use: tensorboard}]");

    assertThat(run.resolve("tensorboard")).isNotEmptyDirectory();
  }

  private static double seconds(Path run) throws IOException {
    return new ObjectMapper()
        .readTree(run.resolve("summary.json").toFile())
        .get("seconds")
        .asDouble();
  }

  private static List<Double> losses(Path run) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      losses.add(new ObjectMapper().readTree(line).get("loss").asDouble());
    }
    return losses;
  }
}
