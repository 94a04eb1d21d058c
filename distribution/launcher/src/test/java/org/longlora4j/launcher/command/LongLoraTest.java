package org.longlora4j.launcher.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.launcher.PluginJar;

final class LongLoraTest {
  @TempDir private Path home;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Map<String, String> variables = new HashMap<>();

  @Test
  void the_version_is_the_builds() {
    assertThat(run("--version")).isZero();

    assertThat(out()).matches("longlora \\d+\\.\\d+\\.\\d+\\S* \\(DJL 0\\.36\\.0, .*\\)\\R");
    assertThat(err()).isEmpty();
  }

  @Test
  void an_unknown_option_is_answered_with_a_similar_one() {
    assertThat(run("plugins", "list", "--jsn")).isEqualTo(2);

    assertThat(out()).isEmpty();
    assertThat(err()).contains("Unknown option: '--jsn'").contains("--json");
  }

  @Test
  void an_unknown_command_is_answered_with_a_similar_one() {
    assertThat(run("plugin")).isEqualTo(2);

    assertThat(err()).contains("'plugin'").contains("longlora plugins");
  }

  @Test
  void no_command_at_all_is_answered_with_the_commands() {
    assertThat(run()).isEqualTo(2);

    assertThat(out()).isEmpty();
    assertThat(err()).contains("Usage: longlora").contains("plugins");
  }

  @Test
  void plugins_are_listed_as_a_table() throws IOException {
    plugin("watch");

    assertThat(run("plugins", "list")).isZero();

    assertThat(out().lines())
        .anyMatch(
            line ->
                line.matches(
                    "example-watch +1\\.2\\.3 +active +\\[1\\.0,2\\.0\\) +watch\\.jar +training"
                        + " listener: watch"));
    assertThat(err()).isEmpty();
  }

  @Test
  void plugins_are_listed_as_one_json_document() throws IOException {
    Path jar = plugin("watch");

    assertThat(run("plugins", "list", "--json")).isZero();

    JsonNode plugins = new ObjectMapper().readTree(out()).get("plugins");
    JsonNode listed = plugins.get(plugins.size() - 1);
    assertThat(listed.get("name").asText()).isEqualTo("example-watch");
    assertThat(listed.get("version").asText()).isEqualTo("1.2.3");
    assertThat(listed.get("state").asText()).isEqualTo("active");
    assertThat(listed.get("jar").asText()).isEqualTo(jar.toString());
    assertThat(listed.get("extensions").get("training listener").get(0).asText())
        .isEqualTo("watch");
  }

  @Test
  void a_jar_that_cannot_be_used_is_listed_and_warned_of() throws IOException {
    Path broken = Files.writeString(pluginDirectory().resolve("broken.jar"), "not a zip");
    plugin("watch");

    assertThat(run("plugins", "list", "--json")).isZero();

    JsonNode plugins = new ObjectMapper().readTree(out()).get("plugins");
    JsonNode refused = plugins.get(plugins.size() - 1);
    assertThat(refused.get("state").asText()).isEqualTo("refused");
    assertThat(refused.get("message").asText()).startsWith("it cannot be read as a jar");
    assertThat(err()).startsWith("warning: plugin " + broken).hasLineCount(1);
  }

  @Test
  void two_plugins_that_bind_one_name_stop_nothing_that_does_not_use_it() throws IOException {
    Path original = plugin("twin");
    Path copy = Files.copy(original, pluginDirectory().resolve("copy.jar"));

    assertThat(run("plugins", "list")).isZero();

    assertThat(err())
        .isEqualToNormalizingNewlines(
            "warning: plugins example-twin 1.2.3 (%s) and example-twin 1.2.3 (%s) offer the same:"
                    .formatted(copy, original)
                + " training listener 'twin'. No recipe can use it until all but one of these jars"
                + " are removed\n");
  }

  @Test
  void a_named_plugin_directory_comes_before_the_variable_and_the_home() throws IOException {
    plugin("at-home");
    Path other = Files.createDirectories(home.resolve("other"));
    new PluginJar("elsewhere").writeTo(other.resolve("elsewhere.jar"));
    variables.put("LONGLORA_PLUGINS", home.resolve("never").toString());

    assertThat(run("plugins", "list", "--plugins", other.toString())).isZero();

    assertThat(out()).contains("example-elsewhere").doesNotContain("example-at-home");
  }

  @Test
  void a_named_plugin_directory_that_is_not_there_is_wrong_input() {
    variables.put("LONGLORA_PLUGINS", home.resolve("never").toString());

    assertThat(run("plugins", "list")).isEqualTo(2);

    assertThat(err())
        .startsWith("LONGLORA_PLUGINS names the plugin directory " + home.resolve("never"));
  }

  @Test
  void a_home_without_plugins_has_the_built_ins() {
    assertThat(run("plugins", "list")).isZero();

    assertThat(out().lines()).hasSize(2);
    assertThat(err()).isEmpty();
  }

  @Test
  void outside_a_distribution_plugins_come_from_the_class_path() throws IOException {
    plugin("at-home");

    assertThat(run(Optional.empty(), "plugins", "list")).isZero();

    assertThat(out()).contains("BuiltIns").doesNotContain("example-at-home");
  }

  private Path pluginDirectory() throws IOException {
    return Files.createDirectories(home.resolve("plugins"));
  }

  private Path plugin(String name) throws IOException {
    return new PluginJar(name).writeTo(pluginDirectory().resolve(name + ".jar"));
  }

  private int run(String... arguments) {
    return run(Optional.of(home), arguments);
  }

  private int run(Optional<Path> home, String... arguments) {
    return LongLora.run(
        new Environment(
            variables,
            home,
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            false),
        arguments);
  }

  private String out() {
    return out.toString(UTF_8);
  }

  private String err() {
    return err.toString(UTF_8);
  }
}
