package org.longlora4j.launcher.command;

import picocli.CommandLine.Option;

/** The mixin of every command that prints a result. */
public final class ResultFormat {
  @Option(
      names = "--json",
      description = "Print the result as one JSON document on standard output.")
  private boolean json;

  boolean json() {
    return json;
  }
}
