package org.longlora4j.launcher;

import org.longlora4j.launcher.command.Environment;
import org.longlora4j.launcher.command.LongLora;

/** Where the JVM enters. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Environment environment = Environment.ofProcess();
    // Standard output belongs to results; a library that prints there would spoil a JSON document.
    System.setOut(environment.err());
    System.setErr(environment.err());
    System.exit(LongLora.run(environment, arguments));
  }
}
