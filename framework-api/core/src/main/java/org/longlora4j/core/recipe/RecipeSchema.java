package org.longlora4j.core.recipe;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longlora4j.core.plugin.ExtensionRegistry;

/**
 * The JSON schema (draft 2020-12) of the recipes that a set of plugins allows, for editors.
 *
 * <p>A recipe that extends another may leave out what the other gives, so such a one is held to a
 * second form without required keys.
 */
public final class RecipeSchema {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ExtensionRegistry registry;

  /** A schema of the extensions in a registry. */
  public RecipeSchema(ExtensionRegistry registry) {
    this.registry = requireNonNull(registry, "registry is null");
  }

  /** The schema. */
  public ObjectNode generate() {
    ObjectNode schema = JSON.objectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "LongLoRA4J recipe");
    schema.put("type", "object");
    schema.putObject("if").putArray("required").add(RecipeLayers.EXTENDS);
    schema.putObject("then").put("$ref", "#/$defs/extending");
    schema.putObject("else").put("$ref", "#/$defs/complete");
    ObjectNode definitions = schema.putObject("$defs");
    definitions.set("complete", form(true, definitions));
    ObjectNode extending = form(false, definitions);
    ObjectNode parent = ((ObjectNode) extending.get("properties")).putObject(RecipeLayers.EXTENDS);
    parent.put("type", "string");
    parent.put("description", "A shipped recipe's name, or the path of another recipe");
    definitions.set("extending", extending);
    return schema;
  }

  private ObjectNode form(boolean complete, ObjectNode definitions) {
    return new OptionSchema(registry, complete, definitions).options(RecipeSections.class);
  }
}
