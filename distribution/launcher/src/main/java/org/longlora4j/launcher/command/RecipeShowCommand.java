package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.concurrent.Callable;
import org.longlora4j.core.model.FrequencyComparison;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.RecipeWriter;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints a recipe as it will be carried out. */
@Command(
    name = "show",
    description =
        "Prints a recipe with every default filled in and nothing extended, or what it does to the"
            + " rotary frequencies.")
final class RecipeShowCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RecipeOptions recipe;
  @Mixin private ResultFormat format;

  @Option(
      names = "--frequencies",
      description =
          "Print instead what the positional scaling does to the wavelength of each pair of"
              + " dimensions; reads the model's config.json and no weight.")
  private boolean frequencies;

  RecipeShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Recipe read = recipe.read(session);
    session.output().print(format, frequencies ? wavelengths(read) : shown(read));
    return ExitCode.OK;
  }

  private FrequencyTable wavelengths(Recipe read) {
    return new FrequencyTable(FrequencyComparison.of(read, session.extensions(), session.engine()));
  }

  private static Shown shown(Recipe read) {
    return new Shown(RecipeWriter.write(read));
  }

  /** A resolved recipe, as YAML. */
  record Shown(String yaml) implements Result {
    @JsonValue
    Object tree() {
      LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
      return new Load(settings).loadFromString(yaml);
    }

    @Override
    public String toText() {
      return yaml.stripTrailing();
    }
  }
}
