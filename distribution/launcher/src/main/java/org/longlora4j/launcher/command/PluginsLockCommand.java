package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.launcher.osgi.LockedJar;
import org.longlora4j.launcher.osgi.PluginDirectory;
import org.longlora4j.launcher.osgi.PluginLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Writes down the jars of the plugin directory as those that may be loaded. */
@Command(
    name = "lock",
    description =
        "Writes plugins.lock into the plugin directory. From then on a jar that is not in it, or"
            + " that changed, is refused. Runs nothing of what it locks.")
final class PluginsLockCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ResultFormat format;

  PluginsLockCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    PluginDirectory directory = session.requirePluginDirectory();
    if (directory.isEmpty()) {
      throw new InvalidInputException(
          directory.path() + " holds no jar, so there is nothing to lock.");
    }
    PluginDirectory.Content content = directory.content();
    content
        .problems()
        .forEach(
            problem ->
                session
                    .output()
                    .warn(
                        "%s is not locked: %s"
                            .formatted(problem.description(), problem.message())));
    List<String> before = before(directory.path());
    PluginLock lock = new PluginLock(directory.path().resolve(PluginLock.NAME), content.jars());
    lock.write();
    List<String> now = lock.jars().stream().map(LockedJar::toString).toList();
    session
        .output()
        .print(
            format,
            new Locked(
                lock.file(),
                lock.jars(),
                now.stream().filter(line -> !before.contains(line)).toList(),
                before.stream().filter(line -> !now.contains(line)).toList()));
    return ExitCode.OK;
  }

  /** What the lock said that is replaced; one that cannot be read is replaced unseen. */
  private static List<String> before(Path directory) {
    try {
      Optional<PluginLock> lock = PluginLock.in(directory);
      return lock.map(PluginLock::jars).orElse(List.of()).stream()
          .map(LockedJar::toString)
          .toList();
    } catch (InvalidInputException e) {
      return List.of();
    }
  }

  /**
   * What was written.
   *
   * @param added lines that were not there before
   * @param removed lines that are there no more
   */
  record Locked(Path lock, List<LockedJar> jars, List<String> added, List<String> removed)
      implements Result {
    @Override
    public String toText() {
      StringBuilder text = new StringBuilder();
      removed.forEach(line -> text.append("- ").append(line).append('\n'));
      added.forEach(line -> text.append("+ ").append(line).append('\n'));
      return text.append(
              "%s allows %d jars%s."
                  .formatted(
                      lock,
                      jars.size(),
                      added.isEmpty() && removed.isEmpty() ? ", as it did before" : ""))
          .toString();
    }
  }
}
