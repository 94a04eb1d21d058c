package org.longlora4j.launcher.command;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** The {@code longlora} command, which all others are subcommands of. */
@Command(
    name = "longlora",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = ProductVersion.class,
    sortOptions = false,
    description = "Extends the context window of pretrained language models.")
public final class LongLora {
  private LongLora() {}

  /**
   * Runs one command.
   *
   * @param environment what surrounds it
   * @param arguments the command line
   * @return 0 done, 1 the work failed, 2 the user's input is wrong
   */
  public static int run(Environment environment, String... arguments) {
    StartupClock clock = new StartupClock();
    GlobalOptions options = new GlobalOptions();
    Failures failures = new Failures(environment.err(), options);
    Thread thread = Thread.currentThread();
    ClassLoader callersLoader = thread.getContextClassLoader();
    // DJL's engine takes its first caller's context class loader for good, and plugins have others.
    thread.setContextClassLoader(LongLora.class.getClassLoader());
    try (Session session = new Session(environment, options, clock)) {
      return run(session, options, clock, failures, arguments);
    } finally {
      thread.setContextClassLoader(callersLoader);
    }
  }

  /** Runs one command with the plugins of a session that goes on. */
  static int runWithin(Session session, String... arguments) {
    GlobalOptions options = new GlobalOptions();
    Failures failures = new Failures(session.environment().err(), options);
    return run(session, options, session.clock(), failures, arguments);
  }

  private static int run(
      Session session,
      GlobalOptions options,
      StartupClock clock,
      Failures failures,
      String... arguments) {
    Environment environment = session.environment();
    try {
      return clock
          .time(StartupClock.Phase.ARGUMENTS, () -> commandLine(session, options))
          .setOut(writer(environment.out()))
          .setErr(writer(environment.err()))
          .setParameterExceptionHandler(failures::onWrongParameter)
          .setExecutionExceptionHandler(
              (failure, command, parsed) -> failures.report(failure, session.responsible(failure)))
          .execute(arguments);
    } catch (Error e) {
      // Picocli hands on exceptions alone, but native code that cannot be linked fails this way.
      return failures.report(e, session.responsible(e));
    } finally {
      if (options.timing()) {
        environment.err().println(clock.report());
      }
    }
  }

  private static CommandLine commandLine(Session session, GlobalOptions options) {
    return new CommandLine(new LongLora())
        .addMixin("global", options)
        .addSubcommand(new QuickstartCommand(session))
        .addSubcommand(new TrainCommand(session))
        .addSubcommand(new PlanCommand(session))
        .addSubcommand(new BenchCommand(session))
        .addSubcommand(new StudyCommand(session))
        .addSubcommand(new MergeCommand(session))
        .addSubcommand(new QuantizeCommand(session))
        .addSubcommand(new ExportCommand(session))
        .addSubcommand(new VerifyCommand(session))
        .addSubcommand(new GenerateCommand(session))
        .addSubcommand(new ChatCommand(session))
        .addSubcommand(
            new CommandLine(new EvaluateCommand())
                .addSubcommand(new EvaluatePerplexityCommand(session))
                .addSubcommand(new EvaluatePasskeyCommand(session))
                .addSubcommand(new EvaluateTopicsCommand(session))
                .addSubcommand(new EvaluateLongBenchCommand(session)))
        .addSubcommand(
            new CommandLine(new RecipeCommand())
                .addSubcommand(new RecipeCheckCommand(session))
                .addSubcommand(new RecipeShowCommand(session))
                .addSubcommand(new RecipeSchemaCommand(session)))
        .addSubcommand(
            new CommandLine(new DataCommand()).addSubcommand(new DataInspectCommand(session)))
        .addSubcommand(
            new CommandLine(new PluginsCommand())
                .addSubcommand(new PluginsListCommand(session))
                .addSubcommand(new PluginsShowCommand(session))
                .addSubcommand(new PluginsLockCommand(session))
                .addSubcommand(new PluginsCheckCommand(session)))
        .addSubcommand(new ShellCommand(session))
        .setCaseInsensitiveEnumValuesAllowed(true); // reaches the subcommands there are by now
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
