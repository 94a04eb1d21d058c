package org.longlora4j.launcher.command;

import picocli.CommandLine.Command;

/** The commands about recipes. */
@Command(name = "recipe", description = "Checks, shows and describes recipes.")
final class RecipeCommand {}
