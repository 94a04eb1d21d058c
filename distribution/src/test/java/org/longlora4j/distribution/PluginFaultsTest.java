package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longlora4j.distribution.AssembledCommand.Ended;
import org.longlora4j.launcher.PluginJar;

/** Every way in which a plugin can be broken, and what a user is told. */
@DisabledOnOs(OS.WINDOWS)
final class PluginFaultsTest {
  private static final String ANOTHER_BUILD =
      ". Use a build of the plugin for this version of LongLoRA4J";
  private static final String TENSORS =
      "ai.djl.ndarray;version=\"[0.36,0.37)\",ai.djl.ndarray.types;version=\"[0.36,0.37)\","
          + "org.longlora4j.api.adapter;version=\"[1.0,3)\","
          + "org.longlora4j.api.attention;version=\"[1.0,3)\"";

  @TempDir private Path directory;
  private Path plugins;

  @BeforeEach
  void makePluginDirectory() throws IOException {
    plugins = Files.createDirectory(directory.resolve("plugins"));
  }

  @Test
  void what_cannot_be_used_is_named_and_the_rest_works_on() throws Exception {
    List<Tuple> expected = writeBrokenJars();
    new PluginJar("sound").writeTo(plugins.resolve("sound.jar"));

    Ended listed =
        AssembledCommand.run(directory, "plugins", "list", "--json", "--plugins", plugins);

    assertThat(listed.exitCode()).as(listed.err()).isZero();
    List<JsonNode> rows = new ArrayList<>();
    new ObjectMapper().readTree(listed.out()).get("plugins").forEach(rows::add);
    assertThat(rows)
        .filteredOn(row -> row.get("state").asText().equals("refused"))
        .extracting(
            row -> Path.of(row.get("jar").asText()).getFileName().toString(),
            row -> row.get("name").asText() + " " + row.get("version").asText(),
            row -> row.get("message").asText())
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(rows)
        .filteredOn(row -> row.get("state").asText().equals("active"))
        .extracting(row -> row.get("name").asText())
        .contains("example-sound");
    assertThat(listed.err().lines())
        .hasSize(expected.size())
        .allMatch(l -> l.startsWith("warning: plugin "));
    assertThat(listed.err())
        .contains(
            "warning: plugin example-future 1.2.3 ("
                + plugins.resolve("future.jar")
                + ") is left out: ");

    Ended trained =
        AssembledCommand.run(
            directory, "train", SmallRecipe.in(directory), "--plugins", plugins, "--json");

    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err()).contains("(" + plugins.resolve("future.jar") + ") is left out: ");
  }

  private List<Tuple> writeBrokenJars() throws IOException {
    List<Tuple> expected = new ArrayList<>();
    Files.writeString(plugins.resolve("no-zip.jar"), "not a zip");
    expected.add(
        tuple(
            "no-zip.jar",
            "no-zip.jar ",
            "it cannot be read as a jar (zip END header not found). Copy it again"));
    broken(
        expected,
        "no-bundle",
        new PluginJar("no-bundle").without("Bundle-SymbolicName"),
        "no-bundle.jar ",
        "it is no OSGi bundle: its manifest has no Bundle-SymbolicName. Build it with"
            + " bnd-maven-plugin, or keep it out of this directory");
    broken(
        expected,
        "bad-version",
        new PluginJar("bad-version").header("Bundle-Version", "latest"),
        "bad-version.jar ",
        "its manifest cannot be used: Bundle-Version is 'latest', must be three numbers and perhaps"
            + " a word, such as 1.2.3. Build it with bnd-maven-plugin, which writes it so");
    broken(
        expected,
        "future",
        new PluginJar("future").importing("org.longlora4j.api.attention;version=\"[9,10)\""),
        "example-future 1.2.3",
        "it wants the package org.longlora4j.api.attention in version [9.0.0,10.0.0), here is"
            + " version "
            + ApiVersion.of("attention")
            + ANOTHER_BUILD);
    broken(
        expected,
        "needy",
        new PluginJar("needy").importing("com.example.missing;version=\"[1,2)\""),
        "example-needy 1.2.3",
        "it wants the package com.example.missing in version [1.0.0,2.0.0), here is none"
            + ANOTHER_BUILD
            + ", or put the bundle that offers what is missing beside it");
    broken(
        expected,
        "empty",
        new PluginJar("empty").withoutService(),
        "example-empty 1.2.3",
        "it holds no plugin: META-INF/services/org.longlora4j.api.plugin.Plugin names none");
    broken(
        expected,
        "forgetful",
        new PluginJar("forgetful").forgetting("Watcher"),
        "example-forgetful 1.2.3",
        "its plugin cannot be loaded: java.lang.ClassNotFoundException:"
            + " example.forgetful.ExamplePlugin$Watcher not found by example-forgetful [4]");
    broken(
        expected,
        "constructor",
        new PluginJar("constructor")
            .declaring(
                "public ExamplePlugin() { throw new IllegalStateException(\"no licence\"); }"),
        "example-constructor 1.2.3",
        "its plugin cannot be loaded: java.lang.IllegalStateException: no licence");
    broken(
        expected,
        "configure",
        new PluginJar("configure").configuring("throw new IllegalStateException(\"no licence\");"),
        "example-configure 1.2.3",
        "its plugin example.configure.ExamplePlugin fails to configure:"
            + " java.lang.IllegalStateException: no licence");
    return expected;
  }

  private void broken(List<Tuple> expected, String file, PluginJar jar, String name, String message)
      throws IOException {
    jar.writeTo(plugins.resolve(file + ".jar"));
    expected.add(tuple(file + ".jar", name, message));
  }

  @Test
  void a_name_that_two_plugins_offer_stops_only_who_uses_it() throws Exception {
    Path first = new PluginJar("twin").writeTo(plugins.resolve("first.jar"));
    Path second = Files.copy(first, plugins.resolve("second.jar"));
    Path recipe = SmallRecipe.in(directory);

    Ended used =
        AssembledCommand.run(
            directory, "train", recipe, "--plugins", plugins, "--set", "listeners=[twin]");
    Ended unused = AssembledCommand.run(directory, "train", recipe, "--plugins", plugins);

    assertThat(used.exitCode()).isEqualTo(2);
    assertThat(used.err())
        .contains(
            "listeners[0].use: is 'twin', which example-twin 1.2.3 (%s) and example-twin 1.2.3 (%s)"
                    .formatted(first, second)
                + " offer; remove all but one of these jars [ambiguous-name]");
    assertThat(unused.exitCode()).as(unused.err()).isZero();
    assertThat(unused.err()).contains("warning: plugins example-twin 1.2.3 (");
  }

  @ParameterizedTest
  @CsvSource({
    "listeners=[bad], listener",
    "attention=bad, attention pattern",
    "adapter=bad, projection adapter"
  })
  void what_is_thrown_inside_training_is_told_with_plugin_version_and_jar(
      String setting, String where) throws Exception {
    Path jar =
        new PluginJar("bad")
            .importing(TENSORS)
            .watching(
                """
                @Override public void onStep(org.longlora4j.api.train.StepMetrics metrics) {
                  throw new IllegalStateException("listener is broken");
                }
                """)
            .declaring(THROWING)
            .configuring(
                """
                new ExtensionBinder(binder)
                    .bind(TrainingListener.class, "bad", Watcher.class)
                    .bind(org.longlora4j.api.attention.AttentionPattern.class, "bad", Pattern.class)
                    .bind(org.longlora4j.api.adapter.AdapterStrategy.class, "bad", Strategy.class);
                """)
            .writeTo(plugins.resolve("bad.jar"));

    Ended ended =
        AssembledCommand.run(
            directory, "train", SmallRecipe.in(directory), "--plugins", plugins, "--set", setting);

    assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
    assertThat(ended.err())
        .contains(
            "Failed in the plugin example-bad 1.2.3 (%s): IllegalStateException: %s is broken\n"
                .formatted(jar, where));
  }

  private static final String THROWING =
      """
      static final class Pattern implements org.longlora4j.api.attention.AttentionPattern {
        @Override public ai.djl.ndarray.NDArray attend(
            ai.djl.ndarray.NDArray query, ai.djl.ndarray.NDArray key, ai.djl.ndarray.NDArray value,
            org.longlora4j.api.attention.AttentionLayer layer) {
          throw new IllegalStateException("attention pattern is broken");
        }
        @Override public org.longlora4j.api.attention.AttentionCost cost(
            org.longlora4j.api.attention.AttentionShape shape,
            org.longlora4j.api.attention.AttentionLayer layer) {
          return new org.longlora4j.api.attention.AttentionCost(0, 0);
        }
      }
      static final class Strategy implements org.longlora4j.api.adapter.AdapterStrategy {
        @Override public org.longlora4j.api.adapter.AdapterPlan plan(
            java.util.List<org.longlora4j.api.adapter.ModelModule> modules, Problems problems) {
          java.util.Map<String, org.longlora4j.api.adapter.ProjectionAdapter> wrapped =
              new java.util.HashMap<>();
          for (org.longlora4j.api.adapter.ModelModule module : modules) {
            if (module.kind() == org.longlora4j.api.adapter.ModelModule.Kind.PROJECTION) {
              wrapped.put(module.name(), new Wrapping());
            }
          }
          return new org.longlora4j.api.adapter.AdapterPlan(
              wrapped, java.util.Set.of(), java.util.Optional.of(java.util.Map.of("peft_type", "BAD")));
        }
      }
      static final class Wrapping implements org.longlora4j.api.adapter.ProjectionAdapter {
        @Override public java.util.Map<String, ai.djl.ndarray.types.Shape> parameters() {
          return java.util.Map.of("w", new ai.djl.ndarray.types.Shape(1));
        }
        @Override public java.util.Map<String, ai.djl.ndarray.NDArray> initialize(
            org.longlora4j.api.adapter.FrozenProjection frozen,
            java.util.random.RandomGenerator random, ai.djl.ndarray.NDManager owner) {
          return java.util.Map.of("w", owner.create(new float[] {1}));
        }
        @Override public ai.djl.ndarray.NDArray apply(
            ai.djl.ndarray.NDArray input, org.longlora4j.api.adapter.FrozenProjection frozen,
            java.util.Map<String, ai.djl.ndarray.NDArray> parameters, boolean training) {
          throw new IllegalStateException("projection adapter is broken");
        }
        @Override public ai.djl.ndarray.NDArray merge(
            ai.djl.ndarray.NDArray weight, java.util.Map<String, ai.djl.ndarray.NDArray> parameters) {
          return weight;
        }
      }
      """;

  @Test
  void an_extension_that_cannot_be_built_is_told_with_plugin_version_and_jar() throws Exception {
    Path jar =
        new PluginJar("bad")
            .watching("@Inject Watcher() { throw new IllegalStateException(\"no licence\"); }")
            .writeTo(plugins.resolve("bad.jar"));
    Path lacking =
        new PluginJar("lacking")
            .declaring("static final class Gone {}")
            .watching("@Inject Watcher(NoOptions options) { new Gone(); }")
            .forgetting("Gone")
            .writeTo(plugins.resolve("lacking.jar"));
    Path recipe = SmallRecipe.in(directory);

    Ended thrown =
        AssembledCommand.run(
            directory, "train", recipe, "--plugins", plugins, "--set", "listeners=[bad]");
    Ended missing =
        AssembledCommand.run(
            directory, "train", recipe, "--plugins", plugins, "--set", "listeners=[lacking]");

    assertThat(thrown.exitCode()).isEqualTo(1);
    assertThat(thrown.err())
        .contains(
            "The training listener 'bad' of the plugin example-bad 1.2.3 (%s) cannot be built:"
                    .formatted(jar)
                + " java.lang.IllegalStateException: no licence\n");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err())
        .contains(
            "The training listener 'lacking' of the plugin example-lacking 1.2.3 (%s) cannot be"
                    .formatted(lacking)
                + " built: java.lang.NoClassDefFoundError: example/lacking/ExamplePlugin$Gone\n");
  }
}
