package org.longlora4j.plugin.lora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.longlora4j.api.adapter.ModelModule;

/**
 * Numbers for some modules, by patterns of their names: PEFT's {@code rank_pattern} and {@code
 * alpha_pattern}. A pattern is a regular expression for the whole of a name or for its last parts;
 * of several that match, the first holds.
 *
 * @param values the numbers by pattern, in order
 */
record NamePatterns(Map<String, Double> values) {
  /** No pattern at all. */
  static final NamePatterns NONE = new NamePatterns(Map.of());

  /**
   * Copies the map.
   *
   * @throws java.util.regex.PatternSyntaxException if a pattern is no regular expression
   */
  NamePatterns {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    values.keySet().forEach(NamePatterns::compile);
  }

  private static Pattern compile(String pattern) {
    return Pattern.compile("(.*\\.)?(" + pattern + ")");
  }

  private static boolean matches(String pattern, String module) {
    return compile(pattern).matcher(module).matches();
  }

  /** The number for a module, by its full name. */
  OptionalDouble of(String module) {
    return values.entrySet().stream()
        .filter(entry -> matches(entry.getKey(), module))
        .mapToDouble(Map.Entry::getValue)
        .findFirst();
  }

  /** The patterns that match none of the modules. */
  List<String> unmatched(List<ModelModule> modules) {
    return values.keySet().stream()
        .filter(pattern -> modules.stream().noneMatch(module -> matches(pattern, module.name())))
        .toList();
  }

  /** The same with every number multiplied. */
  NamePatterns times(double factor) {
    Map<String, Double> products = new LinkedHashMap<>();
    values.forEach((pattern, value) -> products.put(pattern, value * factor));
    return new NamePatterns(products);
  }
}
