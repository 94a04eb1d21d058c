package org.longlora4j.core.recipe;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.NameConflict;

/**
 * Binds YAML to options records, as {@link org.longlora4j.api.plugin.Option} describes. What does
 * not bind is reported and the binding goes on, so that one reading finds every mistake.
 */
final class OptionsBinder {
  /** The key that chooses an extension. */
  static final String USE = "use";

  private final ExtensionRegistry registry;
  private final RecipeProblems problems;

  OptionsBinder(ExtensionRegistry registry, RecipeProblems problems) {
    this.registry = registry;
    this.problems = problems;
  }

  /**
   * Binds a map to a record.
   *
   * @param path the keys that lead to the map; empty for the whole recipe
   * @param otherKeys keys of the map that are someone else's to read
   * @return empty if something was reported
   */
  <R extends Record> Optional<R> bind(
      Class<R> type, YamlNode.Mapping map, String path, Set<String> otherKeys) {
    List<OptionKey> keys = OptionKey.of(type);
    reportUnknown(map, path, keys, otherKeys);
    List<Object> values = new ArrayList<>();
    for (OptionKey key : keys) {
      valueOf(key, map, join(path, key.name())).ifPresent(values::add);
    }
    return values.size() == keys.size() ? construct(type, values, map, path) : Optional.empty();
  }

  private void reportUnknown(
      YamlNode.Mapping map, String path, List<OptionKey> keys, Set<String> otherKeys) {
    Set<String> known = new LinkedHashSet<>(otherKeys);
    keys.forEach(key -> known.add(key.name()));
    map.entries()
        .forEach(
            (name, entry) -> {
              if (!known.contains(name)) {
                problems.report(
                    Mistake.UNKNOWN_OPTION,
                    entry.keyPlace(),
                    join(path, name),
                    "unknown option" + NearestName.suggest(name, known));
              }
            });
  }

  private Optional<?> valueOf(OptionKey key, YamlNode.Mapping map, String path) {
    Optional<YamlNode> given = map.get(key.name());
    if (given.isPresent()) {
      return value(key.type(), given.get(), path);
    }
    if (key.defaultValue().isPresent()) {
      YamlNode node = YamlParser.parseValue(key.defaultValue().get(), map.place(), problems);
      return value(key.type(), node, path);
    }
    if (key.type() instanceof OptionType.Maybe maybe) {
      return Optional.of(maybe.empty());
    }
    problems.report(
        Mistake.MISSING_OPTION, map.place(), path, "is missing, must be " + expected(key.type()));
    return Optional.empty();
  }

  private Optional<?> value(OptionType type, YamlNode node, String path) {
    if (type instanceof OptionType.Maybe maybe) {
      return value(maybe.element(), node, path).map(maybe::wrap);
    }
    if (type instanceof OptionType.ListOf list) {
      return list(list, node, path);
    }
    if (type instanceof OptionType.ChoiceOf chosen) {
      return choose(chosen.point(), node, path);
    }
    if (type instanceof OptionType.Nested nested
        && Section.expand(node, nested) instanceof YamlNode.Mapping map) {
      return bind(nested.options(), map, path, Set.of());
    }
    if (type instanceof OptionType.FreeMap && node instanceof YamlNode.Mapping) {
      return Optional.of(node.plain());
    }
    if (type instanceof ScalarType scalarType && node instanceof YamlNode.Scalar scalar) {
      Optional<?> read = scalarType.read(scalar);
      if (read.isEmpty()) {
        reportFound(scalar, path, scalarType.expectedInsteadOf(scalar));
      }
      return read;
    }
    reportFound(node, path, type.expected());
    return Optional.empty();
  }

  private Optional<List<Object>> list(OptionType.ListOf type, YamlNode node, String path) {
    if (!(node instanceof YamlNode.Sequence sequence)) {
      return value(type.element(), node, path).map(List::of);
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      value(type.element(), sequence.items().get(i), path + "[" + i + "]").ifPresent(values::add);
    }
    return values.size() == sequence.items().size() ? Optional.of(values) : Optional.empty();
  }

  /**
   * Binds a section that chooses an extension: a bare name, or a map with {@code use}.
   *
   * @return empty if something was reported
   */
  <T> Optional<Choice<T>> choose(Class<T> point, YamlNode node, String path) {
    OptionType.ChoiceOf type = new OptionType.ChoiceOf(point);
    if (!(Section.expand(node) instanceof YamlNode.Mapping section)) {
      reportFound(node, path, expected(type) + ", or a map with 'use' and its options");
      return Optional.empty();
    }
    Optional<YamlNode> use = section.get(USE);
    if (use.isEmpty()) {
      problems.report(
          Mistake.MISSING_OPTION,
          section.place(),
          join(path, USE),
          "is missing, must be " + expected(type));
      return Optional.empty();
    }
    if (!(use.get() instanceof YamlNode.Scalar name)) {
      reportFound(use.get(), join(path, USE), expected(type));
      return Optional.empty();
    }
    Optional<NameConflict> conflict = registry.conflict(point, name.text());
    if (conflict.isPresent()) {
      problems.report(
          Mistake.AMBIGUOUS_NAME,
          name.place(),
          join(path, USE),
          "is " + name.found() + ", " + conflict.get().explanation());
      return Optional.empty();
    }
    var bound = registry.find(point, name.text());
    if (bound.isEmpty()) {
      reportUnknownName(type, name, join(path, USE));
      return Optional.empty();
    }
    return bind(bound.get().extension().options(), section, path, Section.frameworkKeys(point))
        .map(options -> new Choice<>(bound.get(), options));
  }

  private void reportUnknownName(OptionType.ChoiceOf type, YamlNode.Scalar name, String path) {
    String nearest = NearestName.suggest(name.text(), registry.names(type.point()));
    String expected = expected(type) + nearest + " (" + wherePluginsWere() + ")";
    reportFound(Mistake.UNKNOWN_NAME, name, path, expected);
  }

  private String expected(OptionType type) {
    if (!(type instanceof OptionType.ChoiceOf chosen)) {
      return type.expected();
    }
    List<String> names = registry.names(chosen.point());
    return type.expected()
        + (names.isEmpty() ? ", of which there is none" : " (" + String.join(", ", names) + ")");
  }

  private String wherePluginsWere() {
    List<String> folders =
        registry.plugins().stream()
            .skip(1) // the built-ins
            .map(plugin -> plugin.origin().replaceFirst("[^/\\\\]*\\.jar$", ""))
            .distinct()
            .toList();
    return folders.isEmpty()
        ? "no plugin was found in the plugins folder or on the class path"
        : "plugins were found in "
            + String.join(", ", folders)
            + "; if one is missing, put its jar there";
  }

  private void reportFound(YamlNode node, String path, String expected) {
    reportFound(Mistake.WRONG_VALUE, node, path, expected);
  }

  private void reportFound(Mistake mistake, YamlNode node, String path, String expected) {
    problems.report(mistake, node.place(), path, "is " + node.found() + ", must be " + expected);
  }

  private <R extends Record> Optional<R> construct(
      Class<R> type, List<Object> values, YamlNode.Mapping map, String path) {
    try {
      Class<?>[] parameters =
          Stream.of(type.getRecordComponents())
              .map(RecordComponent::getType)
              .toArray(Class<?>[]::new);
      Constructor<R> constructor = type.getDeclaredConstructor(parameters);
      constructor.setAccessible(true);
      return Optional.of(constructor.newInstance(values.toArray()));
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        problems.report(
            Mistake.CONTRADICTION, map.place(), path, String.valueOf(refused.getMessage()));
        return Optional.empty();
      }
      throw new IllegalStateException("cannot build " + type.getName(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot build " + type.getName(), e);
    }
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
