package org.longlora4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.plugin.InvalidInputException;

/** The keys of a JSON object, and what was found wrong with them. */
final class JsonKeys implements ConfigKeys {
  private final ObjectNode json;
  private final String where;
  private final List<String> problems = new ArrayList<>();

  /**
   * Reads an object.
   *
   * @param where what stands before a key in messages
   */
  JsonKeys(ObjectNode json, String where) {
    this.json = json;
    this.where = where;
  }

  /** The file, and the section in it if these are the keys of one. */
  String where() {
    return where.replaceFirst("(: |\\.)$", "");
  }

  @Override
  public boolean has(String key) {
    JsonNode node = node(key);
    return !node.isMissingNode() && !node.isNull();
  }

  private JsonNode node(String key) {
    JsonNode node = json;
    for (String part : key.split("\\.", -1)) {
      node = node.path(part);
    }
    return node.isNull() ? MissingNode.getInstance() : node;
  }

  @Override
  public int positive(String key) {
    if (!has(key)) {
      problems.add(key + ": missing, must be a positive whole number");
      return 1;
    }
    return positive(key, 1);
  }

  @Override
  public int positive(String key, int otherwise) {
    JsonNode node = node(key);
    if (!has(key)) {
      return otherwise;
    }
    if (!node.canConvertToInt() || node.asInt() < 1) {
      refuse(key, "a positive whole number");
      return 1;
    }
    return node.asInt();
  }

  @Override
  public double number(String key, double otherwise) {
    JsonNode node = node(key);
    if (has(key) && !node.isNumber()) {
      refuse(key, "a number");
    }
    return node.asDouble(otherwise);
  }

  @Override
  public boolean flag(String key, boolean otherwise) {
    JsonNode node = node(key);
    if (has(key) && !node.isBoolean()) {
      refuse(key, "true or false");
    }
    return node.asBoolean(otherwise);
  }

  @Override
  public String text(String key, String otherwise) {
    JsonNode node = node(key);
    if (has(key) && !node.isTextual()) {
      refuse(key, "a text");
    }
    return node.asText(otherwise);
  }

  @Override
  public void refuse(String key, String expected) {
    JsonNode found = node(key);
    String is = found.isMissingNode() ? "missing" : "is " + found;
    problems.add("%s: %s, must be %s".formatted(key, is, expected));
  }

  /**
   * Ends the collection.
   *
   * @throws InvalidInputException with one line for each problem, if there is any
   */
  void throwProblems() {
    if (!problems.isEmpty()) {
      throw new InvalidInputException(
          String.join("\n", problems.stream().map(where::concat).toList()));
    }
  }
}
