package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.distribution.AssembledCommand.HOME;
import static org.longlora4j.distribution.AssembledCommand.LONGLORA;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** Runs the command as a user does who has unpacked the distribution. */
@DisabledOnOs(OS.WINDOWS)
final class AssembledCommandTest {
  @TempDir private Path directory;

  @Test
  void a_user_finds_what_the_readme_names() throws IOException {
    assertThat(files(HOME)).contains("LICENSE", "bin", "lib", "plugins", "recipes");
    assertThat(files(HOME.resolve("bin"))).containsExactlyInAnyOrder("longlora", "longlora.bat");
    assertThat(files(HOME.resolve("recipes"))).contains("longlora.yaml");
    assertThat(files(HOME.resolve("plugins")))
        .hasSize(5)
        .allMatch(name -> name.startsWith("plugin-") && name.endsWith(".jar"));
  }

  @Test
  void every_shipped_plugin_is_active() throws Exception {
    Ended ended = AssembledCommand.run(directory, "plugins", "list");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.err()).isEmpty();
    for (Path jar : jarsWithPlugins()) {
      assertThat(ended.out().lines())
          .anyMatch(line -> line.contains(" active ") && line.contains(" " + jar.getFileName()));
    }
  }

  @Test
  void the_home_is_found_through_links_and_under_a_name_with_spaces() throws Exception {
    Path moved = Files.createSymbolicLink(directory.resolve("my programs"), HOME);
    Path first =
        Files.createSymbolicLink(directory.resolve("first"), moved.resolve("bin/longlora"));
    Path second = Files.createSymbolicLink(directory.resolve("second"), first.getFileName());

    Ended ended = AssembledCommand.run(directory, AssembledCommand.builder(second, "--version"));

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out()).startsWith("longlora ");
    for (Path link : List.of(second, first, moved)) {
      Files.delete(link);
    }
  }

  @Test
  void a_java_that_is_too_old_is_named() throws Exception {
    Path old = javaHome("echo 'openjdk version \"11.0.2\" 2019-01-15' >&2");

    ProcessBuilder builder = AssembledCommand.builder(LONGLORA, "--version");
    builder.environment().put("JAVA_HOME", old.toString());
    Ended ended = AssembledCommand.run(directory, builder);

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.err()).contains("Java 17 or later").contains("is Java 11.0.2");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void gperftools_allocator_is_taken_where_it_is_installed() throws Exception {
    Path libraries = Files.createDirectory(directory.resolve("libraries"));
    Path minimal = libraries.resolve("libtcmalloc_minimal.so.4");
    Path whole = libraries.resolve("libtcmalloc.so.4");
    // The loader stops at a file that is no library, also where the machine has one.
    Files.createFile(minimal);
    Files.createFile(whole);
    assertThat(preloaded(libraries, Map.of())).isEmpty();

    // Any library will do in their place: no memory is asked of it here.
    Files.copy(loadedLibrary(), whole, StandardCopyOption.REPLACE_EXISTING);
    assertThat(preloaded(libraries, Map.of())).isEqualTo("libtcmalloc.so.4");
    Files.copy(loadedLibrary(), minimal, StandardCopyOption.REPLACE_EXISTING);
    assertThat(preloaded(libraries, Map.of())).isEqualTo("libtcmalloc_minimal.so.4");
    assertThat(preloaded(libraries, Map.of("LONGLORA_MALLOC", "system"))).isEmpty();
    String own = whole.toString();
    assertThat(preloaded(libraries, Map.of("LD_PRELOAD", own))).isEqualTo(own);
  }

  /** What is preloaded into the JVM that the command starts where these libraries are found. */
  private String preloaded(Path libraries, Map<String, String> environment) throws Exception {
    Path home = javaHome("printf %s \"${LD_PRELOAD:-}\"");
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.2\"\n");
    ProcessBuilder builder = AssembledCommand.builder(LONGLORA, "train");
    builder.environment().put("JAVA_HOME", home.toString());
    builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
    builder.environment().putAll(environment);
    Ended ended = AssembledCommand.run(directory, builder);
    assertThat(ended.err()).isEmpty();
    return ended.out();
  }

  /** The home of a Java that is a line of shell. */
  private Path javaHome(String line) throws IOException {
    Path home = directory.resolve("java");
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\n" + line + "\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return home;
  }

  /** A library that is in this process and needs nothing of it. */
  private static Path loadedLibrary() throws IOException {
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.map(line -> line.replaceFirst("^[^/]*", ""))
          .filter(file -> file.matches(".*/libm[.-][^/]*"))
          .map(Path::of)
          .findFirst()
          .orElseThrow();
    }
  }

  private static List<String> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static List<Path> jarsWithPlugins() throws IOException {
    List<Path> jars = new ArrayList<>();
    for (String name : files(HOME.resolve("plugins"))) {
      Path jar = HOME.resolve("plugins").resolve(name);
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        if (zip.getEntry("META-INF/services/org.longlora4j.api.plugin.Plugin") != null) {
          jars.add(jar);
        }
      }
    }
    return jars;
  }
}
