package org.longlora4j.launcher.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Lists the plugins and the names that they bind. */
@Command(
    name = "list",
    description = "Lists the plugins, the names that they add to recipes, and their jars.")
final class PluginsListCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ResultFormat format;

  PluginsListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.output().print(format, PluginList.of(session));
    return ExitCode.OK;
  }
}
