package org.longlora4j.launcher.command;

import picocli.CommandLine.Command;

/** The commands about plugins. */
@Command(
    name = "plugins",
    description = "Shows what recipes can use, and says which jars may be loaded.")
final class PluginsCommand {}
