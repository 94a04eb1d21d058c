package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonIgnore;
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
        "Checks a recipe, that its parts and its data fit its model, and that its output can be"
            + " used; reads no weight and trains nothing.")
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
    try (PreparedRun run = PreparedRun.of(read, session.extensions(), session.engine())) {
      boolean resumable = run.isResumable();
      session
          .output()
          .print(format, new Checked(read.file(), true, resumable, recipe.resumption(read)));
      return ExitCode.OK;
    }
  }

  /**
   * A recipe that can be trained.
   *
   * @param resumable whether its output holds its run already
   */
  record Checked(Path recipe, boolean valid, boolean resumable, @JsonIgnore String resumption)
      implements Result {
    @Override
    public String toText() {
      String valid = recipe + " is valid and fits its model and its data.";
      return resumable
          ? valid + "\nIts output holds this run already. Go on with it: " + resumption
          : valid;
    }
  }
}
