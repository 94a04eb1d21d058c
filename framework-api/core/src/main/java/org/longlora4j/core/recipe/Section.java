package org.longlora4j.core.recipe;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.api.plugin.Option;

/** The part of a recipe that chooses one extension. */
final class Section {
  private Section() {}

  /** The keys of an adapter section that hold for every strategy. */
  record AdapterStart(
      @Option(
              "The folder of an adapter in PEFT's format to go on from; its rank, alpha and targets"
                  + " hold")
          Optional<Path> startFrom) {}

  /** The record of the keys that the framework itself reads from sections of a kind. */
  static Class<? extends Record> frameworkOptions(Class<?> point) {
    return point == AdapterStrategy.class ? AdapterStart.class : NoOptions.class;
  }

  /** The names of the keys that are not the extension's own. */
  static Set<String> frameworkKeys(Class<?> point) {
    Set<String> keys = new HashSet<>(Set.of(OptionsBinder.USE));
    OptionKey.of(frameworkOptions(point)).forEach(key -> keys.add(key.name()));
    return keys;
  }

  /** Writes a bare name as a map with {@code use}; anything else stays. */
  static YamlNode expand(YamlNode node) {
    return node instanceof YamlNode.Scalar name && name.value() instanceof String
        ? YamlNode.Mapping.of(OptionsBinder.USE, name)
        : node;
  }

  /** Writes the bare names of all sections of a record as maps, so that layers can merge. */
  static YamlNode.Mapping expandAll(YamlNode.Mapping map, Class<? extends Record> type) {
    YamlNode.Mapping expanded = map;
    for (OptionKey key : OptionKey.of(type)) {
      YamlNode.Entry entry = map.entries().get(key.name());
      if (entry != null) {
        YamlNode value = expand(entry.value(), key.type());
        expanded = expanded.with(key.name(), new YamlNode.Entry(entry.keyPlace(), value));
      }
    }
    return expanded;
  }

  private static YamlNode expand(YamlNode value, OptionType type) {
    OptionType inner = type instanceof OptionType.Maybe maybe ? maybe.element() : type;
    if (inner instanceof OptionType.ChoiceOf) {
      return expand(value);
    }
    if (inner instanceof OptionType.Nested nested) {
      YamlNode map = expand(value, nested);
      return map instanceof YamlNode.Mapping options ? expandAll(options, nested.options()) : map;
    }
    return value;
  }

  /** Writes a bare value as a map with its key, where a record has such a value. */
  static YamlNode expand(YamlNode node, OptionType.Nested type) {
    return node instanceof YamlNode.Scalar && type.bareValue().isPresent()
        ? YamlNode.Mapping.of(type.bareValue().get(), node)
        : node;
  }
}
