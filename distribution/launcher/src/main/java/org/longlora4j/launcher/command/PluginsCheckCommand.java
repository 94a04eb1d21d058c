package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.launcher.osgi.PluginDirectory;
import org.longlora4j.launcher.osgi.PluginLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Compares the plugin directory with its lock. */
@Command(
    name = "check",
    description =
        "Compares the jars of the plugin directory with its plugins.lock, and runs nothing of them."
            + " Ends with 1 if they differ.")
final class PluginsCheckCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ResultFormat format;

  PluginsCheckCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    PluginDirectory directory = session.requirePluginDirectory();
    PluginLock lock =
        PluginLock.in(directory.path())
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        directory.path()
                            + " has no "
                            + PluginLock.NAME
                            + ". Write it: longlora plugins lock"));
    PluginDirectory.Content content = directory.content();
    List<String> differences = new ArrayList<>(lock.differences(content.jars()));
    content
        .problems()
        .forEach(problem -> differences.add(problem.description() + ": " + problem.message()));
    session.output().print(format, new Checked(lock.file(), content.jars().size(), differences));
    return differences.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  /**
   * How the directory and its lock compare.
   *
   * @param jars how many there are
   * @param differences a line for each
   */
  record Checked(Path lock, int jars, List<String> differences) implements Result {
    @Override
    public String toText() {
      return differences.isEmpty()
          ? "The %d jars are those that %s allows.".formatted(jars, lock)
          : String.join("\n", differences);
    }
  }
}
