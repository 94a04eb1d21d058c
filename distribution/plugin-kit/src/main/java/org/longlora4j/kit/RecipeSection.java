package org.longlora4j.kit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** A section of a recipe: {@code use} and options. */
record RecipeSection(Map<String, Object> keys) {
  /**
   * Reads a section.
   *
   * @param text a bare name, or a map with {@code use} and options
   */
  static RecipeSection of(String text) {
    Object value =
        new Load(LoadSettings.builder().setSchema(new CoreSchema()).build()).loadFromString(text);
    Map<String, Object> keys = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, option) -> keys.put(String.valueOf(key), option));
    } else {
      keys.put("use", value);
    }
    return new RecipeSection(keys);
  }

  /** The extension's name. */
  String name() {
    return String.valueOf(keys.get("use"));
  }

  /** The same section with one option set. */
  RecipeSection with(String key, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(keys);
    changed.put(key, value);
    return new RecipeSection(changed);
  }

  /** The section on one line, as it would stand in a recipe. */
  String text() {
    DumpSettings settings =
        DumpSettings.builder()
            .setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.FLOW)
            .setWidth(Integer.MAX_VALUE)
            .build();
    return new Dump(settings).dumpToString(keys).strip();
  }
}
