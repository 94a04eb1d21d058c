package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.List;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeReader;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The mixin of every command that takes a recipe. */
final class RecipeOptions {
  @Parameters(paramLabel = "RECIPE", description = "The recipe file.")
  private Path recipe;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Set a key above the file, such as training.steps=20; the value is YAML. May be given"
              + " several times.")
  private List<String> overrides = List.of();

  Recipe read(Session session) {
    return new RecipeReader(session.extensions(), session.recipes()).read(recipe, overrides);
  }
}
