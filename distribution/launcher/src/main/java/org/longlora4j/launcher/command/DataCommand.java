package org.longlora4j.launcher.command;

import picocli.CommandLine.Command;

/** The commands about data. */
@Command(name = "data", description = "Shows what a recipe's data look like to its model.")
final class DataCommand {}
