package org.longlora4j.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command as a user does who has unpacked the distribution. */
@DisabledOnOs(OS.WINDOWS)
final class AssembledCommandTest {
  private static final Path HOME = Path.of("target", "longlora4j").toAbsolutePath();

  @TempDir private Path directory;

  private record Ended(int exitCode, String out, String err) {}

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
    Ended ended = run(HOME.resolve("bin/longlora"), "plugins", "list");

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

    Ended ended = run(second, "--version");

    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out()).startsWith("longlora ");
    for (Path link : List.of(second, first, moved)) {
      Files.delete(link);
    }
  }

  @Test
  void a_java_that_is_too_old_is_named() throws Exception {
    Path java = Files.createDirectories(directory.resolve("old/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();

    ProcessBuilder builder = command(HOME.resolve("bin/longlora"), "--version");
    builder.environment().put("JAVA_HOME", directory.resolve("old").toString());
    Ended ended = end(builder);

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.err()).contains("Java 17 or later").contains("is Java 11.0.2");
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

  private Ended run(Path command, String... arguments) throws Exception {
    return end(command(command, arguments));
  }

  private static ProcessBuilder command(Path command, String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(command.toString());
    line.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().keySet().removeAll(List.of("LONGLORA_PLUGINS", "JAVA_TOOL_OPTIONS"));
    return builder;
  }

  private Ended end(ProcessBuilder builder) throws IOException, InterruptedException {
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    int exitCode = process.waitFor();
    return new Ended(exitCode, Files.readString(out, UTF_8), Files.readString(err, UTF_8));
  }
}
