package org.longlora4j.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.distribution.AssembledCommand.Ended;
import org.longlora4j.launcher.PluginJar;

/** The shell, driven from a pipe as a script drives it. */
@DisabledOnOs(OS.WINDOWS)
final class ShellTest {
  @TempDir private Path directory;

  @Test
  void a_plugin_is_installed_used_and_uninstalled_while_it_runs() throws Exception {
    Path plugins = Files.createDirectory(directory.resolve("plugins"));
    Path jar = new PluginJar("late").writeTo(directory.resolve("late.jar"));
    Path recipe = SmallRecipe.in(directory);

    Ended ended =
        shell(
            plugins,
            """
            longlora plugins list
            install %1$s
            start 1
            lb
            inspect requirement osgi.wiring.package example-late
            longlora plugins show late
            longlora recipe show %2$s --set "listeners=[late]"
            uninstall 1
            longlora plugins list
            exit
            """
                .formatted(jar.toUri(), recipe));

    assertThat(ended.exitCode()).as(ended.err()).isZero();
    String[] lists = ended.out().split("NAME +VERSION", -1);
    assertThat(lists).as(ended.out()).hasSize(3);
    assertThat(lists[1])
        .contains("Bundle ID: 1")
        .containsPattern("1\\|Active *\\| *1\\|example-late \\(1\\.2\\.3\\)")
        .contains("org.longlora4j.api.plugin")
        .contains("training listener late, of example-late 1.2.3 (" + jar + ")")
        .contains("use: late");
    assertThat(lists[2]).doesNotContain("example-late");
  }

  @Test
  void a_line_that_fails_is_told_and_the_next_one_is_read() throws Exception {
    Path plugins = Files.createDirectory(directory.resolve("plugins"));

    Ended ended = shell(plugins, "no-such-command\nlonglora plugins show nothing\nlb\n");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err())
        .contains("no-such-command")
        .contains("There is no plugin and no extension 'nothing'");
    assertThat(ended.out()).contains("System Bundle");
  }

  @Test
  void a_lock_holds_in_the_shell_too() throws Exception {
    Path plugins = Files.createDirectory(directory.resolve("plugins"));
    new PluginJar("kept").writeTo(plugins.resolve("kept.jar"));
    AssembledCommand.run(directory, "plugins", "lock", "--plugins", plugins);
    Path jar = new PluginJar("late").writeTo(directory.resolve("late.jar"));

    Ended ended = shell(plugins, "install " + jar.toUri() + "\nlb\n");

    assertThat(ended.err())
        .contains("late.jar is not installed: it is not in " + plugins.resolve("plugins.lock"));
    assertThat(ended.out()).contains("example-kept").doesNotContain("example-late");
  }

  private Ended shell(Path plugins, String script) throws IOException, InterruptedException {
    Path input = Files.writeString(directory.resolve("input.txt"), script);
    ProcessBuilder builder =
        AssembledCommand.builder(AssembledCommand.LONGLORA, "shell", "--plugins", plugins);
    return AssembledCommand.run(directory, builder.redirectInput(input.toFile()));
  }
}
