package org.longlora4j.launcher.command;

import picocli.CommandLine.Command;

/** The commands that measure a model. */
@Command(
    name = "evaluate",
    description = "Measures a model, always with dense attention: the form in which it is used.")
final class EvaluateCommand {}
