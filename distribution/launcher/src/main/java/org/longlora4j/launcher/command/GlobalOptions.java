package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes. */
final class GlobalOptions {
  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description =
          "Take plugins from this directory instead of the distribution's plugins/."
              + " The environment variable LONGLORA_PLUGINS does the same.")
  private Optional<Path> plugins = Optional.empty();

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program a failure happened.")
  private boolean stacktrace;

  @Option(
      names = "--timing",
      scope = ScopeType.INHERIT,
      description =
          "At the end, say on standard error how long the JVM, Felix, the plugins and the engine"
              + " took to start, and the command itself.")
  private boolean timing;

  boolean timing() {
    return timing;
  }

  Optional<Path> plugins() {
    return plugins;
  }

  boolean stacktrace() {
    return stacktrace;
  }
}
