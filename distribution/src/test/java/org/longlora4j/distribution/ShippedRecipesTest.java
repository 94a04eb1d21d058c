package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.distribution.AssembledCommand.HOME;
import static org.longlora4j.distribution.AssembledCommand.LONGLORA;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** The recipes that come with the distribution, on the model that does. */
@DisabledOnOs(OS.WINDOWS)
final class ShippedRecipesTest {
  @TempDir private Path directory;

  private Path extending(String name) throws IOException {
    return Files.writeString(
        directory.resolve("my.yaml"),
        """
        extends: %s
        model: %s/models/pocket
        context: 1024
        data: { use: sources-jar, path: %s/corpus/training/*.jar }
        """
            .formatted(name, HOME, HOME));
  }

  @ParameterizedTest
  @ValueSource(strings = {"longlora", "longqlora", "longlora-4bit"})
  void every_recipe_fits_a_model_and_can_be_planned(String name) throws Exception {
    Path recipe = extending(name);

    Ended checked = AssembledCommand.run(directory, "recipe", "check", recipe);
    assertThat(checked.exitCode()).as(checked.err()).isZero();
    Ended planned = AssembledCommand.run(directory, "plan", recipe, "--memory", "16GB");
    assertThat(planned.exitCode()).as(planned.err()).isZero();
    assertThat(planned.out()).contains("It fits into 16.0 GB");
  }

  @Test
  void longqlora_has_the_values_of_its_paper() throws Exception {
    Ended shown = AssembledCommand.run(directory, "recipe", "show", extending("longqlora"));

    assertThat(shown.out())
        .contains("use: s2-attn", "use: linear", "use: nf4", "double-quantization: true")
        .contains("use: lora", "rank: 64", "alpha: 16.0", "dropout: 0.05", "all-linear")
        .contains("learning-rate: 2.0e-4", "schedule: constant-with-warmup", "warmup-steps: 20")
        .contains("max-grad-norm: 0.3", "batch-size: 1", "accumulate: 16", "steps: 1000");
  }

  @ParameterizedTest
  @CsvSource({"bench-s, mlp", "bench-m, keep-attention"})
  void recipes_to_measure_at_need_nothing_but_their_name(String name, String recompute)
      throws Exception {
    Path recipe = Files.writeString(directory.resolve("my.yaml"), "extends: " + name + "\n");
    List<Object> command = new ArrayList<>(List.of("bench", recipe, "--json"));
    command.addAll(List.of("--steps", 1, "--warm-up", 1));
    command.addAll(List.of("--set", "context=256", "--set", "model.init.num_hidden_layers=1"));
    Ended measured = AssembledCommand.run(directory, command.toArray());

    assertThat(measured.exitCode()).as(measured.err()).isZero();
    assertThat(measured.out())
        .contains("\"tokens_per_step\" : 256", "\"precision_measured\" : true")
        .contains(
            "\"recompute\" : \"" + recompute + "\"",
            "\"utilisation\" : 0.",
            "\"model_memory_bytes\" : ");
  }

  @Test
  void a_plan_unpacks_no_engine() throws Exception {
    Path cache = Files.createDirectory(directory.resolve("cache"));
    ProcessBuilder builder = AssembledCommand.builder(LONGLORA, "plan", extending("longqlora"));
    builder.environment().put("DJL_CACHE_DIR", cache.toString());
    Ended planned = AssembledCommand.run(directory, builder);

    assertThat(planned.exitCode()).as(planned.err()).isZero();
    assertThat(cache).isEmptyDirectory();
  }
}
