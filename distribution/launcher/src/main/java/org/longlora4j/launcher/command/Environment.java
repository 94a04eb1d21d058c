package org.longlora4j.launcher.command;

import static java.util.Objects.requireNonNull;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What surrounds a command.
 *
 * @param variables the environment variables
 * @param home the unpacked distribution, if the command was started from one
 * @param out where results go, and nothing else
 * @param err where everything else goes
 * @param terminal whether a person watches {@code err}
 */
public record Environment(
    Map<String, String> variables,
    Optional<Path> home,
    PrintStream out,
    PrintStream err,
    boolean terminal) {
  private static final String HOME_PROPERTY = "longlora.home";
  private static final String TERMINAL_PROPERTY = "longlora.terminal";

  /** Requires all parts. */
  public Environment {
    variables = Map.copyOf(variables);
    requireNonNull(home, "home is null");
    requireNonNull(out, "out is null");
    requireNonNull(err, "err is null");
  }

  /** What surrounds this process; the launch script says what Java cannot know. */
  public static Environment ofProcess() {
    return new Environment(
        System.getenv(),
        Optional.ofNullable(System.getProperty(HOME_PROPERTY)).map(Path::of),
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        Boolean.getBoolean(TERMINAL_PROPERTY));
  }

  /** A variable that is set to something. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  /** Generated text and names of files keep their characters, whatever the locale says. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
