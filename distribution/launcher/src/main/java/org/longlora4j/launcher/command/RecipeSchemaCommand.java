package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import org.longlora4j.core.recipe.RecipeSchema;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Prints what a recipe may say, for editors. */
@Command(
    name = "schema",
    description =
        "Prints the JSON schema of recipes with the plugins at hand, for completion in editors.")
final class RecipeSchemaCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ResultFormat format;

  RecipeSchemaCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    ObjectNode schema = new RecipeSchema(session.extensions()).generate();
    session.output().print(format, new Schema(schema));
    return ExitCode.OK;
  }

  /** A JSON schema, which is JSON for people too. */
  record Schema(@JsonValue ObjectNode schema) implements Result {
    @Override
    public String toText() {
      return schema.toPrettyString();
    }
  }
}
