package org.longlora4j.core.recipe;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A parsed YAML value that knows where it stands, so that layers from several files can merge. */
sealed interface YamlNode {
  /** Where the value starts. */
  Place place();

  /** How a message names what was found. */
  String found();

  /** The value without its places: text, number, boolean, list or map; empty text for none. */
  Object plain();

  /** An empty value or {@code null}: the key counts as not given. */
  record Absent(Place place) implements YamlNode {
    @Override
    public String found() {
      return "empty";
    }

    @Override
    public Object plain() {
      return "";
    }
  }

  /**
   * A single value.
   *
   * @param value a String, Boolean or Number as YAML 1.2's core schema reads it
   * @param text as written
   */
  record Scalar(Place place, Object value, String text) implements YamlNode {
    @Override
    public String found() {
      return value instanceof String ? "'" + text + "'" : text;
    }

    @Override
    public Object plain() {
      return value;
    }
  }

  /** A list. */
  record Sequence(Place place, List<YamlNode> items) implements YamlNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String found() {
      return "a list";
    }

    @Override
    public Object plain() {
      return items.stream().map(YamlNode::plain).toList();
    }
  }

  /** A map, in the order of the file. */
  record Mapping(Place place, Map<String, Entry> entries) implements YamlNode {
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** A map of one entry, both parts of which stand in one place. */
    static Mapping of(String key, YamlNode value) {
      return new Mapping(value.place(), Map.of(key, new Entry(value.place(), value)));
    }

    /** The value of a key, unless it is missing or empty. */
    Optional<YamlNode> get(String key) {
      return Optional.ofNullable(entries.get(key))
          .map(Entry::value)
          .filter(value -> !(value instanceof Absent));
    }

    /** This map with one entry put in or replaced. */
    Mapping with(String key, Entry entry) {
      Map<String, Entry> changed = new LinkedHashMap<>(entries);
      changed.put(key, entry);
      return new Mapping(place, changed);
    }

    /** This map without one entry. */
    Mapping without(String key) {
      Map<String, Entry> changed = new LinkedHashMap<>(entries);
      changed.remove(key);
      return new Mapping(place, changed);
    }

    @Override
    public String found() {
      return "a map";
    }

    @Override
    public Object plain() {
      Map<String, Object> plain = new LinkedHashMap<>();
      entries.forEach((key, entry) -> plain.put(key, entry.value().plain()));
      return Collections.unmodifiableMap(plain);
    }
  }

  /** One entry of a map. */
  record Entry(Place keyPlace, YamlNode value) {}
}
