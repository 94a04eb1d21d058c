package org.longlora4j.core.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.plugin.Extension;
import org.longlora4j.core.plugin.BoundExtension;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** JSON schemas of options records and of the sections that choose extensions. */
final class OptionSchema {
  private final JsonNodeFactory json = JsonNodeFactory.instance;
  private final ObjectMapper mapper = new ObjectMapper();
  private final ExtensionRegistry registry;
  private final boolean complete;
  private final ObjectNode definitions;

  /**
   * @param complete whether what has no default must be there; otherwise another recipe may give it
   * @param definitions the root's {@code $defs}, where sections are put: one may hold another of
   *     its own kind
   */
  OptionSchema(ExtensionRegistry registry, boolean complete, ObjectNode definitions) {
    this.registry = registry;
    this.complete = complete;
    this.definitions = definitions;
  }

  /** A map of exactly the keys of a record. */
  ObjectNode options(Class<? extends Record> type) {
    ObjectNode schema = closedMap();
    addKeys(schema, type);
    return schema;
  }

  private ObjectNode closedMap() {
    ObjectNode schema = json.objectNode();
    schema.put("type", "object");
    schema.putObject("properties");
    schema.put("additionalProperties", false);
    return schema;
  }

  private void addKeys(ObjectNode map, Class<? extends Record> type) {
    ObjectNode properties = (ObjectNode) map.get("properties");
    for (OptionKey key : OptionKey.of(type)) {
      properties.set(key.name(), property(key));
      if (complete && mustBeGiven(key)) {
        map.withArray("required").add(key.name());
      }
    }
  }

  /** A nested map may be left out only if all in it may be. */
  private static boolean mustBeGiven(OptionKey key) {
    return key.isRequired()
        || (key.type() instanceof OptionType.Nested nested && !allOptional(nested.options()));
  }

  private static boolean allOptional(Class<? extends Record> type) {
    return OptionKey.of(type).stream().noneMatch(OptionSchema::mustBeGiven);
  }

  private ObjectNode property(OptionKey key) {
    ObjectNode schema = schema(key.type());
    key.description().ifPresent(text -> schema.put("description", text));
    key.defaultValue()
        .filter(text -> !(key.type() instanceof OptionType.Nested))
        .ifPresent(text -> schema.set("default", parse(text)));
    return schema;
  }

  private JsonNode parse(String yaml) {
    LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
    return mapper.valueToTree(new Load(settings).loadFromString(yaml));
  }

  private ObjectNode schema(OptionType type) {
    if (type instanceof OptionType.Maybe maybe) {
      return schema(maybe.element());
    }
    if (type instanceof OptionType.Nested nested) {
      return nested(nested);
    }
    if (type instanceof OptionType.FreeMap) {
      return json.objectNode().put("type", "object");
    }
    if (type instanceof OptionType.ChoiceOf chosen) {
      return json.objectNode().put("$ref", "#/$defs/" + define(chosen.point()));
    }
    if (type instanceof OptionType.ListOf list) {
      ObjectNode schema = json.objectNode();
      ArrayNode forms = schema.putArray("anyOf").add(schema(list.element()));
      forms.addObject().put("type", "array").set("items", schema(list.element()));
      return schema;
    }
    return scalar((ScalarType) type);
  }

  private ObjectNode nested(OptionType.Nested type) {
    ObjectNode options = options(type.options());
    return type.bareValue()
        .map(
            key -> {
              ObjectNode schema = json.objectNode();
              schema.putArray("oneOf").add(options.get("properties").get(key)).add(options);
              return schema;
            })
        .orElse(options);
  }

  private ObjectNode scalar(ScalarType type) {
    ObjectNode schema = json.objectNode();
    if (type instanceof ScalarType.Whole whole) {
      return bounded(schema.put("type", "integer"), whole.bounds());
    }
    if (type instanceof ScalarType.Real real) {
      return bounded(schema.put("type", "number"), real.bounds());
    }
    if (type instanceof ScalarType.Constant constant) {
      ArrayNode values = schema.putArray("enum");
      constant.names().forEach(values::add);
      // An unquoted true is a boolean.
      constant.names().stream().map(this::parse).filter(JsonNode::isBoolean).forEach(values::add);
      return schema;
    }
    return schema.put("type", type instanceof ScalarType.Truth ? "boolean" : "string");
  }

  private static ObjectNode bounded(ObjectNode schema, Bounds bounds) {
    if (bounds.hasMin()) {
      schema.put("minimum", Bounds.number(bounds.min()));
    }
    if (bounds.hasMax()) {
      schema.put("maximum", Bounds.number(bounds.max()));
    }
    return schema;
  }

  private String define(Class<?> point) {
    String name = (complete ? "complete-" : "extending-") + point.getName();
    if (!definitions.has(name)) {
      fill(definitions.putObject(name), point); // put there first, for what refers to it meanwhile
    }
    return name;
  }

  private void fill(ObjectNode section, Class<?> point) {
    List<Extension<?>> extensions = extensions(point);
    if (extensions.isEmpty()) {
      section.putObject("not");
      return;
    }
    ArrayNode forms = section.putArray("oneOf");
    ArrayNode bareNames = json.arrayNode();
    for (Extension<?> extension : extensions) {
      if (!complete || allOptional(extension.options())) {
        bareNames.add(extension.name());
      }
    }
    if (!bareNames.isEmpty()) {
      forms.addObject().set("enum", bareNames);
    }
    extensions.forEach(extension -> forms.add(chosen(extension)));
    if (!complete) {
      forms.add(continued(point, extensions));
    }
  }

  private List<Extension<?>> extensions(Class<?> point) {
    List<Extension<?>> extensions = new ArrayList<>();
    for (BoundExtension<?> bound : registry.all()) {
      if (bound.extension().point() == point) {
        extensions.add(bound.extension());
      }
    }
    return extensions;
  }

  private ObjectNode chosen(Extension<?> extension) {
    ObjectNode map = closedMap();
    ((ObjectNode) map.get("properties"))
        .putObject(OptionsBinder.USE)
        .put("const", extension.name());
    map.withArray("required").add(OptionsBinder.USE);
    addKeys(map, Section.frameworkOptions(extension.point()));
    addKeys(map, extension.options());
    return map;
  }

  /** Options without {@code use}, of whatever extension the recipe below chose. */
  private ObjectNode continued(Class<?> point, List<Extension<?>> extensions) {
    ObjectNode map = closedMap();
    addKeys(map, Section.frameworkOptions(point));
    Map<String, ArrayNode> schemas = new LinkedHashMap<>();
    for (Extension<?> extension : extensions) {
      for (OptionKey key : OptionKey.of(extension.options())) {
        schemas.computeIfAbsent(key.name(), name -> json.arrayNode()).add(property(key));
      }
    }
    ObjectNode properties = (ObjectNode) map.get("properties");
    schemas.forEach((name, forms) -> properties.putObject(name).set("anyOf", forms));
    return map;
  }
}
