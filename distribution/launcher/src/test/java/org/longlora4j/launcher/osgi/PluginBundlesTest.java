package org.longlora4j.launcher.osgi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.api.train.TrainingListener;
import org.longlora4j.core.plugin.BoundExtension;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.launcher.PluginJar;

final class PluginBundlesTest {
  @TempDir private Path directory;

  @Test
  void a_plugin_is_described_by_its_bundle() throws IOException {
    Path jar = new PluginJar("first").writeTo(directory.resolve("first.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      assertThat(bundles.problems()).isEmpty();
      LoadedPlugin plugin = bundles.plugins().get(0);
      assertThat(plugin.name()).isEqualTo("example-first");
      assertThat(plugin.version()).isEqualTo("1.2.3");
      assertThat(plugin.origin()).isEqualTo(jar.toString());
      assertThat(new ExtensionRegistry(bundles.plugins()).names(TrainingListener.class))
          .contains("first");
    }
  }

  @Test
  void each_plugin_has_a_class_loader_of_its_own_and_shares_the_api() throws Exception {
    new PluginJar("first").writeTo(directory.resolve("first.jar"));
    new PluginJar("second").writeTo(directory.resolve("second.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      ClassLoader first = bundles.plugins().get(0).plugin().getClass().getClassLoader();
      ClassLoader second = bundles.plugins().get(1).plugin().getClass().getClassLoader();
      ClassLoader launcher = PluginBundles.class.getClassLoader();

      assertThat(first).isNotSameAs(second).isNotSameAs(launcher);
      assertThat(first.loadClass(TrainingListener.class.getName()))
          .isSameAs(TrainingListener.class);
      assertThatThrownBy(() -> first.loadClass("example.second.ExamplePlugin"))
          .isInstanceOf(ClassNotFoundException.class);
      assertThatThrownBy(() -> first.loadClass(ExtensionRegistry.class.getName()))
          .isInstanceOf(ClassNotFoundException.class);
    }
  }

  @Test
  void an_extension_is_built_in_its_plugins_class_loader() throws IOException {
    new PluginJar("first").writeTo(directory.resolve("first.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      ExtensionRegistry registry = new ExtensionRegistry(bundles.plugins());
      BoundExtension<TrainingListener> bound =
          registry.find(TrainingListener.class, "first").orElseThrow();
      TrainingListener built = registry.create(new Choice<>(bound, new NoOptions()), binder -> {});

      assertThat(built.getClass().getClassLoader())
          .isSameAs(bundles.plugins().get(0).plugin().getClass().getClassLoader());
    }
  }

  @Test
  void the_launchers_tensors_are_the_plugins_tensors() throws Exception {
    new PluginJar("tensors")
        .importing(
            "ai.djl.ndarray;version=\"[0.36,0.37)\",org.slf4j;version=\"[2.0,3)\","
                + "org.aopalliance.intercept,jakarta.inject;version=\"[2.0,3)\"")
        .writeTo(directory.resolve("tensors.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      assertThat(bundles.problems()).isEmpty();
      ClassLoader loader = bundles.plugins().get(0).plugin().getClass().getClassLoader();
      assertThat(loader.loadClass(NDArray.class.getName())).isSameAs(NDArray.class);
    }
  }

  @Test
  void a_directory_may_have_spaces_and_signs_in_its_name() throws IOException {
    Path odd = Files.createDirectories(directory.resolve("my plugins, 100% + #1"));
    new PluginJar("first").writeTo(odd.resolve("first.jar"));

    try (PluginBundles bundles = PluginBundles.of(odd)) {
      assertThat(bundles.problems()).isEmpty();
      assertThat(bundles.plugins()).hasSize(1);
    }
  }

  @Test
  void a_missing_directory_is_as_good_as_an_empty_one() {
    try (PluginBundles bundles = PluginBundles.of(directory.resolve("nowhere"))) {
      assertThat(bundles.plugins()).isEmpty();
      assertThat(bundles.problems()).isEmpty();
    }
  }

  @Test
  void two_plugins_that_bind_one_name_are_both_named_and_neither_is_meant() throws IOException {
    Path original = new PluginJar("twin").writeTo(directory.resolve("twin.jar"));
    Path copy = directory.resolve("twin (copy).jar");
    Files.copy(original, copy);
    new PluginJar("other").writeTo(directory.resolve("other.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      ExtensionRegistry registry = new ExtensionRegistry(bundles.plugins());

      assertThatThrownBy(() -> registry.find(TrainingListener.class, "twin"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("'twin'")
          .hasMessageContaining(original.toString())
          .hasMessageContaining(copy.toString());
      assertThat(registry.find(TrainingListener.class, "other")).isPresent();
    }
  }

  @Test
  void a_name_of_the_frameworks_stays_its_own() throws IOException {
    new PluginJar("tensorboard").writeTo(directory.resolve("tensorboard.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      ExtensionRegistry registry = new ExtensionRegistry(bundles.plugins());

      assertThat(registry.find(TrainingListener.class, "tensorboard").orElseThrow().plugin())
          .matches(LoadedPlugin::isBuiltIn);
      assertThat(registry.conflicts()).hasSize(1);
    }
  }

  @Test
  void what_is_thrown_in_a_plugin_is_known_to_come_from_it() throws IOException {
    new PluginJar("innocent").writeTo(directory.resolve("innocent.jar"));
    new PluginJar("failing")
        .watching("@Override public void close() { java.util.List.of(1).get(2); }")
        .writeTo(directory.resolve("failing.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      ExtensionRegistry registry = new ExtensionRegistry(bundles.plugins());
      TrainingListener built =
          registry.create(
              new Choice<>(
                  registry.find(TrainingListener.class, "failing").orElseThrow(), new NoOptions()),
              binder -> {});
      RuntimeException thrown = catchThrowableOfType(RuntimeException.class, built::close);

      assertThat(registry.responsible(new IllegalStateException("wrapped", thrown)))
          .map(LoadedPlugin::name)
          .contains("example-failing");
      assertThat(registry.responsible(new IllegalStateException("our own"))).isEmpty();
    }
  }

  @Test
  void the_versions_of_the_api_that_a_plugin_was_built_for_are_known() throws IOException {
    new PluginJar("first").writeTo(directory.resolve("first.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      ApiRange api = bundles.api(bundles.plugins().get(0));

      assertThat(api.packages())
          .containsOnlyKeys("plugin", "train")
          .containsEntry("plugin", "[1.0,2.0)");
      assertThat(api).hasToString("[1.0,2.0)");
      assertThat(new ApiRange(Map.of("train", "[1.1,2)", "plugin", "[1,2)", "data", "[1,2)")))
          .hasToString("[1,2) data, plugin; [1.1,2) train");
    }
  }

  @Test
  void a_plugin_that_waits_for_a_bundle_left_out_names_it() throws IOException {
    new PluginJar("library")
        .withoutService()
        .importing("com.example.missing")
        .header("Export-Package", "example.library;version=\"1.0\"")
        .header("Bundle-SymbolicName", "example-library")
        .writeTo(directory.resolve("library.jar"));
    new PluginJar("user")
        .importing("example.library;version=\"[1.0,2)\"")
        .writeTo(directory.resolve("user.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      assertThat(bundles.problems())
          .extracting(PluginProblem::name, PluginProblem::message)
          .contains(
              tuple(
                  "example-user",
                  "it wants the package example.library in version [1.0.0,2.0.0), which only"
                      + " example-library 1.2.3 offers, left out itself. Mend that one first"));
    }
  }

  @Test
  void options_that_no_recipe_could_give_are_refused() throws IOException {
    PluginJar odd =
        new PluginJar("odd")
            .declaring("record Odd(Thread thread) {}")
            .configuring(
                "new ExtensionBinder(binder).bind("
                    + "TrainingListener.class, \"odd\", Watcher.class, Odd.class);");

    assertThat(messageOf(odd))
        .startsWith("the options of its training listener 'odd' cannot be read: ")
        .contains("'thread'");
  }

  @Test
  void a_version_that_is_none_is_refused_in_words() throws IOException {
    assertThat(messageOf(new PluginJar("odd").header("Bundle-Version", "latest")))
        .startsWith("its manifest cannot be used: Bundle-Version is 'latest', must be");
  }

  @Test
  void a_bundle_for_another_version_of_the_api_is_refused_with_both_versions() throws IOException {
    PluginJar future =
        new PluginJar("future").importing("org.longlora4j.api.attention;version=\"[9,10)\"");

    assertThat(messageOf(future))
        .isEqualTo(
            "it wants the package org.longlora4j.api.attention in version [9.0.0,10.0.0),"
                + " here is version 1.2.0. Use a build of the plugin for this version of"
                + " LongLoRA4J");
  }

  @Test
  void a_bundle_that_wants_an_unknown_package_is_refused() throws IOException {
    assertThat(messageOf(new PluginJar("needy").importing("com.example.missing")))
        .isEqualTo(
            "it wants the package com.example.missing, here is none. Use a build of the plugin for"
                + " this version of LongLoRA4J, or put the bundle that offers what is missing"
                + " beside it");
  }

  @Test
  void a_bundle_for_a_later_java_is_refused() throws IOException {
    PluginJar modern =
        new PluginJar("modern")
            .header("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\"");

    assertThat(messageOf(modern))
        .startsWith("it wants Java 99, this is Java " + Runtime.version().feature());
  }

  @Test
  void a_bundle_that_holds_neither_a_plugin_nor_a_library_is_refused() throws IOException {
    assertThat(messageOf(new PluginJar("silent").withoutService()))
        .isEqualTo(
            "it holds no plugin: META-INF/services/org.longlora4j.api.plugin.Plugin names none");
  }

  @Test
  void a_library_for_other_plugins_is_no_problem() throws IOException {
    new PluginJar("library")
        .withoutService()
        .header("Export-Package", "example.library;version=\"1.0\"")
        .writeTo(directory.resolve("library.jar"));
    new PluginJar("user")
        .importing("example.library;version=\"[1.0,2)\"")
        .writeTo(directory.resolve("a-user.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      assertThat(bundles.problems()).isEmpty();
      assertThat(bundles.plugins()).extracting(LoadedPlugin::name).containsExactly("example-user");
    }
  }

  @Test
  void a_plugin_that_throws_is_refused_with_its_own_message() throws IOException {
    PluginJar failing =
        new PluginJar("failing").configuring("throw new IllegalStateException(\"no licence\");");

    assertThat(messageOf(failing))
        .isEqualTo(
            "its plugin example.failing.ExamplePlugin fails to configure:"
                + " java.lang.IllegalStateException: no licence");
  }

  @Test
  void a_plugin_whose_import_is_forgotten_is_refused_with_the_missing_class() throws IOException {
    PluginJar forgetful =
        new PluginJar("forgetful")
            .header("Import-Package", "org.longlora4j.api.plugin,com.google.inject");

    assertThat(messageOf(forgetful))
        .startsWith("its plugin cannot be loaded: ")
        .contains("org.longlora4j.api.train.TrainingListener");
  }

  @Test
  void a_jar_without_osgi_headers_is_refused() throws IOException {
    PluginJar plain = new PluginJar("plain").without("Bundle-SymbolicName");

    assertThat(messageOf(plain)).startsWith("it is no OSGi bundle: ");
  }

  @Test
  void a_broken_jar_leaves_the_others_at_work() throws IOException {
    Path broken = Files.writeString(directory.resolve("broken.jar"), "not a zip");
    new PluginJar("sound").writeTo(directory.resolve("sound.jar"));

    try (PluginBundles bundles = PluginBundles.of(directory)) {
      assertThat(bundles.plugins()).extracting(LoadedPlugin::name).containsExactly("example-sound");
      PluginProblem problem = bundles.problems().get(0);
      assertThat(problem.name()).isEqualTo("broken.jar");
      assertThat(problem.jar()).isEqualTo(broken);
      assertThat(problem.message()).startsWith("it cannot be read as a jar");
    }
  }

  @Test
  void the_bundle_cache_is_gone_after_closing() throws IOException {
    new PluginJar("first").writeTo(directory.resolve("first.jar"));
    Set<Path> before = caches();

    Set<Path> during;
    try (PluginBundles bundles = PluginBundles.of(directory)) {
      assertThat(bundles.plugins()).hasSize(1);
      during = caches();
      during.removeAll(before);
      assertThat(during).isNotEmpty();
    }

    assertThat(caches()).doesNotContainAnyElementsOf(during);
  }

  private static Set<Path> caches() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("longlora-bundles-"))
          .collect(Collectors.toSet());
    }
  }

  /** Why the only jar of a directory is refused. */
  private String messageOf(PluginJar jar) throws IOException {
    jar.writeTo(directory.resolve("plugin.jar"));
    try (PluginBundles bundles = PluginBundles.of(directory)) {
      assertThat(bundles.plugins()).isEmpty();
      List<PluginProblem> problems = bundles.problems();
      assertThat(problems).hasSize(1);
      return problems.get(0).message();
    }
  }
}
