package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** Trains with the plugins as bundles, and without any. */
@DisabledOnOs(OS.WINDOWS)
final class AssembledTrainingTest {
  private static final Path GOLDEN =
      Path.of("../framework-api/core/src/test/resources/golden").toAbsolutePath().normalize();
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  @TempDir private Path directory;

  @Test
  void bundles_compose_to_the_run_of_the_python_stack() throws Exception {
    Path output = directory.resolve("run");

    Ended ended =
        AssembledCommand.run(
            directory,
            "train",
            GOLDEN.resolve("recipes/run-longlora.yaml"),
            "--set",
            "output=" + output,
            "--json");

    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(JSON.readTree(ended.out()).get("completed").asBoolean()).isTrue();
    JsonNode expected = JSON.readTree(GOLDEN.resolve("expected/run-longlora.json").toFile());
    List<String> lines = Files.readAllLines(output.resolve("metrics.jsonl"));
    assertThat(lines).hasSize(expected.get("steps").asInt());
    for (int i = 0; i < lines.size(); i++) {
      assertThat(JSON.readTree(lines.get(i)).get("loss").asDouble())
          .isCloseTo(expected.get("losses").get(i).asDouble(), within(1e-4));
    }
  }

  @Test
  void a_distribution_without_plugins_trains_with_what_is_built_in() throws Exception {
    Path home = Files.createDirectory(directory.resolve("home"));
    Path command =
        Files.copy(
            AssembledCommand.LONGLORA,
            Files.createDirectory(home.resolve("bin")).resolve("longlora"));
    assertThat(command.toFile().setExecutable(true)).isTrue();
    Path lib = Files.createSymbolicLink(home.resolve("lib"), AssembledCommand.HOME.resolve("lib"));
    Path recipe = SmallRecipe.in(directory);

    Ended ended =
        AssembledCommand.run(directory, AssembledCommand.builder(command, "train", recipe));

    Files.delete(lib);
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    assertThat(directory.resolve("run/model.safetensors")).exists();
    assertThat(directory.resolve("run/tokenizer.json")).exists();
  }
}
