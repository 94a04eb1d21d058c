package org.longlora4j.launcher.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** Lets a person, or a script, look into Felix and change plugins while it runs. */
@Command(
    name = "shell",
    description = {
      "Reads commands of Felix Gogo from standard input, a line each, with the plugins loaded.",
      "help lists them: lb shows the bundles, inspect their wiring, install, start, stop and"
          + " uninstall change them. longlora runs a command of this program with the plugins as"
          + " they then are. exit, or the end of the input, ends it: with 1 if a line failed."
    })
final class ShellCommand implements Callable<Integer> {
  private static final Set<String> ENDINGS = Set.of("exit", "quit");

  private final Session session;

  ShellCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    ShellFunctions functions = new ShellFunctions(session);
    session.loadWith(
        List.of(
            new org.apache.felix.gogo.runtime.activator.Activator(),
            new org.apache.felix.gogo.command.Activator(),
            functions));
    PrintStream out = session.environment().out();
    CommandProcessor processor = functions.processor();
    try (CommandSession gogo =
        processor.createSession(System.in, out, session.environment().err())) {
      return run(gogo, out);
    }
  }

  private int run(CommandSession gogo, PrintStream out) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int exitCode = ExitCode.OK;
    for (String line = next(in); line != null && !ENDINGS.contains(line); line = next(in)) {
      if (!execute(gogo, line, out)) {
        exitCode = ExitCode.SOFTWARE;
      }
    }
    return exitCode;
  }

  private String next(BufferedReader in) throws IOException {
    if (session.environment().terminal()) {
      session.environment().err().print("longlora> ");
      session.environment().err().flush();
    }
    String line = in.readLine();
    return line == null ? null : line.strip();
  }

  private boolean execute(CommandSession gogo, String line, PrintStream out) {
    try {
      Object result = gogo.execute(line);
      if (result != null) {
        out.println(gogo.format(result, Converter.INSPECT));
      }
      return true;
    } catch (Exception e) { // a command may throw whatever it likes
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      session.environment().err().println(message);
      return false;
    } finally {
      out.flush();
    }
  }
}
