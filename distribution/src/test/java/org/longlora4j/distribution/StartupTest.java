package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.distribution.AssembledCommand.Ended;

/** What a command that only looks does not load, and what makes the next one faster. */
@DisabledOnOs(OS.WINDOWS)
final class StartupTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--version",
        "--help",
        "plugins list",
        "plugins list --json",
        "plugins show s2-attn",
        "plugins show nf4",
        "plugins show lora-plus",
        "plugins show linear",
        "plugins check",
        "recipe schema",
        "recipe show RECIPE",
        "shell"
      })
  void a_command_that_needs_no_engine_loads_none(String command) throws Exception {
    Path classes = directory.resolve("classes.txt");
    Path natives = directory.resolve("natives");
    Object[] arguments = command.replace("RECIPE", SmallRecipe.in(directory).toString()).split(" ");
    ProcessBuilder builder = AssembledCommand.builder(AssembledCommand.LONGLORA, arguments);
    builder.environment().put("LONGLORA_OPTS", "-Xlog:class+load:file=" + classes);
    builder.environment().put("DJL_CACHE_DIR", natives.toString());
    builder.redirectInput(Files.createFile(directory.resolve("empty.txt")).toFile());

    Ended ended = AssembledCommand.run(directory, builder);

    assertThat(ended.exitCode()).as(ended.err()).isNotEqualTo(1);
    assertThat(natives).doesNotExist();
    try (Stream<String> loaded = Files.lines(classes)) {
      assertThat(loaded)
          .isNotEmpty()
          .noneMatch(line -> line.contains(" ai.djl.engine.Engine "))
          .noneMatch(line -> line.contains(" ai.djl.pytorch."));
    }
  }

  @Test
  void the_parts_of_a_start_are_timed_apart() throws Exception {
    Ended ended = AssembledCommand.run(directory, "plugins", "list", "--timing");

    String seconds = " \\d+\\.\\d{3} s";
    assertThat(ended.err().strip())
        .matches(
            "timing: JVM%1$s, arguments%1$s, felix%1$s, plugins%1$s, engine not loaded, command%1$s, total%1$s"
                .formatted(seconds));
    assertThat(ended.out()).startsWith("NAME ");
  }

  @Test
  void classes_are_kept_for_the_next_start_where_the_home_can_be_written() throws Exception {
    Path home = Files.createDirectory(directory.resolve("home"));
    Path command =
        Files.copy(
            AssembledCommand.LONGLORA,
            Files.createDirectory(home.resolve("bin")).resolve("longlora"));
    assertThat(command.toFile().setExecutable(true)).isTrue();
    Path lib = Files.createSymbolicLink(home.resolve("lib"), AssembledCommand.HOME.resolve("lib"));

    ProcessBuilder list = AssembledCommand.builder(command, "plugins", "list");
    Ended first = AssembledCommand.run(directory, list);
    List<Path> kept = files(home.resolve("cache"));
    Ended second = AssembledCommand.run(directory, list);
    List<Path> keptStill = files(home.resolve("cache"));
    Files.delete(lib);

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(kept).singleElement().asString().endsWith(".jsa");
    assertThat(keptStill).isEqualTo(kept);
    assertThat(second).isEqualTo(first);
    assertThat(second.err()).isEmpty();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
