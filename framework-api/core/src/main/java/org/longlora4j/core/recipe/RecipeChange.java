package org.longlora4j.core.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A key whose value differs between two texts that {@link RecipeWriter} wrote.
 *
 * @param key keys joined by dots
 * @param before its value in the earlier text, or {@code not set}
 * @param now its value in the later one, or {@code not set}
 */
public record RecipeChange(String key, String before, String now) {
  /** Compares two texts; the result is sorted by key. */
  public static List<RecipeChange> between(String before, String now) {
    Map<String, Object> old = flatten(before);
    Map<String, Object> current = flatten(now);
    Set<String> keys = new TreeSet<>(old.keySet());
    keys.addAll(current.keySet());
    List<RecipeChange> changes = new ArrayList<>();
    for (String key : keys) {
      if (!Objects.equals(old.get(key), current.get(key))) {
        changes.add(new RecipeChange(key, describe(old.get(key)), describe(current.get(key))));
      }
    }
    return changes;
  }

  private static String describe(Object value) {
    return value == null ? "not set" : value.toString();
  }

  private static Map<String, Object> flatten(String yaml) {
    Map<String, Object> flat = new TreeMap<>();
    Object root = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    flatten("", root, flat);
    return flat;
  }

  private static void flatten(String path, Object node, Map<String, Object> into) {
    if (node instanceof Map<?, ?> map) {
      map.forEach(
          (key, value) -> flatten(path.isEmpty() ? "" + key : path + "." + key, value, into));
    } else {
      into.put(path, node);
    }
  }
}
