package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.concurrent.Callable;
import org.longlora4j.core.recipe.RecipeWriter;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Prints a recipe as it will be carried out. */
@Command(
    name = "show",
    description = "Prints a recipe with every default filled in and nothing extended.")
final class RecipeShowCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RecipeOptions recipe;
  @Mixin private ResultFormat format;

  RecipeShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.output().print(format, new Shown(RecipeWriter.write(recipe.read(session))));
    return ExitCode.OK;
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
