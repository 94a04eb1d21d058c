package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** The worked example of a plugin: built from what is installed, dropped in, used, taken away. */
@DisabledOnOs(OS.WINDOWS)
final class SinkWindowExampleTest {
  private static final Path EXAMPLE = Path.of("examples/sink-window").toAbsolutePath();

  @Test
  void it_is_built_dropped_in_used_by_a_recipe_and_taken_away_again() throws Exception {
    PluginAuthor author = PluginAuthor.named("sink-window");
    author.succeed("cp -R '%s/pom.xml' '%s/src' .".formatted(EXAMPLE, EXAMPLE));
    author.succeed("mvn verify && cp target/sink-window-1.0.0.jar \"$LONGLORA_HOME/plugins/\"");
    Path recipe = Files.copy(EXAMPLE.resolve("recipe.yaml"), author.home().resolve("recipe.yaml"));
    String train = "\"$LONGLORA_HOME/bin/longlora\" train '%s' --set output=%s";

    author.succeed(train.formatted(recipe, "run"));
    assertThat(author.home().resolve("run/metrics.jsonl")).content().hasLineCount(1);
    assertThat(author.home().resolve("run/adapter_model.safetensors")).exists();

    author.succeed("rm \"$LONGLORA_HOME/plugins/sink-window-1.0.0.jar\"");
    Ended without = author.run(train.formatted(recipe, "other"));
    assertThat(without.exitCode()).isEqualTo(2);
    assertThat(without.err()).contains("attention.use", "sink-window", "must be", "s2-attn");
    assertThat(author.home().resolve("other")).doesNotExist();
  }
}
