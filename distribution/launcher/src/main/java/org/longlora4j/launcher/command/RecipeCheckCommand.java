package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.train.PreparedRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Finds out all that is wrong with a recipe, without training. */
@Command(
    name = "check",
    description =
        "Checks a recipe, and that its parts fit its model; reads no weight and trains nothing.")
final class RecipeCheckCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RecipeOptions recipe;
  @Mixin private ResultFormat format;

  RecipeCheckCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Recipe read = recipe.read(session);
    PreparedRun.of(read, session.extensions(), session.engine()).close();
    session.output().print(format, new Checked(read.file(), true));
    return ExitCode.OK;
  }

  /** A recipe that can be trained. */
  record Checked(Path recipe, boolean valid) implements Result {
    @Override
    public String toText() {
      return recipe + " is valid and fits its model.";
    }
  }
}
