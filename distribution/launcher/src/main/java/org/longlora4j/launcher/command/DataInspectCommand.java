package org.longlora4j.launcher.command;

import java.util.concurrent.Callable;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.tensor.LazyServices;
import org.longlora4j.core.train.DataInspection;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Decodes the first rows of a recipe's data. */
@Command(
    name = "inspect",
    description = {
      "Decodes the first rows that a recipe trains on, as the model will see them.",
      "What a loss is counted on is bold on a terminal and stands in \u27e6 \u27e7 elsewhere. After"
          + " the rows come the lengths of the documents, and how many are cut or left out. No"
          + " weight is read."
    })
final class DataInspectCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RecipeOptions recipe;
  @Mixin private ResultFormat format;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many rows to show. Default: ${DEFAULT-VALUE}.")
  private int rows;

  @Option(
      names = "--documents",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many documents to measure at most. Default: ${DEFAULT-VALUE}.")
  private int documents;

  DataInspectCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Recipe read = recipe.read(session);
    DataInspection inspection =
        DataInspection.of(
            read,
            session.extensions(),
            new LazyServices(session::engine),
            Math.max(0, rows),
            Math.max(0, documents));
    session.output().print(format, DataReading.of(inspection, read.context(), Ansi.AUTO.enabled()));
    return ExitCode.OK;
  }
}
