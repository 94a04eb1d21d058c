package org.longlora4j.launcher.command;

import java.io.PrintStream;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.plugin.PluginFailedException;
import org.longlora4j.core.train.TrainingFailedException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into a message and an exit code. */
final class Failures {
  private final PrintStream err;
  private final GlobalOptions options;

  Failures(PrintStream err, GlobalOptions options) {
    this.err = err;
    this.options = options;
  }

  /** The command line cannot be read. */
  int onWrongParameter(ParameterException failure, String... arguments) {
    CommandLine command = failure.getCommandLine();
    err.println(failure.getMessage());
    boolean suggested = UnmatchedArgumentException.printSuggestions(failure, err);
    if (!suggested && command.getSubcommands().isEmpty()) {
      err.printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
    } else if (!suggested) {
      command.usage(err);
    }
    return ExitCode.USAGE;
  }

  /** A command failed, and no plugin was at work. */
  int report(Throwable failure) {
    return report(failure, Optional.empty());
  }

  /**
   * A command failed.
   *
   * @param plugin whose code was at work, if a plugin's was
   */
  int report(Throwable failure, Optional<LoadedPlugin> plugin) {
    boolean forTheUser =
        failure instanceof InvalidInputException
            || failure instanceof TrainingFailedException
            || failure instanceof PluginFailedException;
    if (forTheUser) {
      err.println(failure.getMessage());
    } else {
      err.println(
          plugin.map(at -> "Failed in the plugin " + at.description() + ": ").orElse("Failed: ")
              + describe(failure));
    }
    if (options.stacktrace()) {
      failure.printStackTrace(err);
    } else if (!forTheUser || failure instanceof PluginFailedException) {
      err.println("Run it again with --stacktrace to see where.");
    }
    return failure instanceof InvalidInputException ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }

  private static String describe(Throwable failure) {
    String name = failure.getClass().getSimpleName();
    return failure.getMessage() == null ? name : name + ": " + failure.getMessage();
  }
}
