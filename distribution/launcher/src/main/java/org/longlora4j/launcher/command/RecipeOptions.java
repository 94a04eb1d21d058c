package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeReader;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The mixin of every command that takes a recipe. */
final class RecipeOptions {
  /** What no shell changes. */
  private static final Pattern PLAIN = Pattern.compile("[\\w./:=,+@-]+");

  @Parameters(paramLabel = "RECIPE", description = "The recipe file.")
  private Path recipe;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "Set a key above the file, such as training.steps=20; the value is YAML. May be given"
              + " several times.")
  private List<String> overrides = List.of();

  /** The command line that goes on with the run, for a shell. */
  String resumption(Recipe read) {
    List<String> words = new ArrayList<>(List.of("longlora", "train", quoted("" + read.file())));
    for (String override : overrides) {
      words.add("--set");
      words.add(quoted(override));
    }
    words.add("--resume");
    return String.join(" ", words);
  }

  static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  Recipe read(Session session) {
    return read(session, List.of());
  }

  /** The recipe with further settings above those of the command line. */
  Recipe read(Session session, List<String> further) {
    List<String> settings = new ArrayList<>(overrides);
    settings.addAll(further);
    return new RecipeReader(session.extensions(), session.recipes()).read(recipe, settings);
  }
}
