package org.longlora4j.plugin.datasets;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object of a file.
 *
 * @param fields by name: texts, maps, lists; anything else as what it is called in JSON
 * @param place the file and line where it begins
 */
record JsonRecord(Map<String, Object> fields, String place) {
  /** Reads the object that a parser stands at the beginning of. */
  static JsonRecord read(JsonParser parser, String place) throws IOException {
    return new JsonRecord(object(parser), place);
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> fields = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(parser));
    }
    return fields;
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser));
        }
        yield items;
      }
      case VALUE_STRING -> parser.getText();
      default -> parser.currentToken();
    };
  }

  /** The text of a field, if it has one. */
  Optional<String> text(String name) {
    return fields.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** The objects of a field that is a list of objects. */
  Optional<List<Map<?, ?>>> objects(String name) {
    if (!(fields.get(name) instanceof List<?> list)
        || !list.stream().allMatch(Map.class::isInstance)) {
      return Optional.empty();
    }
    List<Map<?, ?>> objects = new ArrayList<>();
    list.forEach(item -> objects.add((Map<?, ?>) item));
    return Optional.of(objects);
  }
}
