package org.longlora4j.core.recipe;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.plugin.Option;

/**
 * What a recipe may say under one key of an extension.
 *
 * @param key in kebab case; those of a map within the options are joined by dots
 * @param type what must stand there, for example {@code a number between 0 and 1}
 * @param defaultValue what holds when the key is absent, as YAML; empty if nothing does
 * @param required whether the key must be there
 * @param description what the option means; empty if its author says nothing
 */
public record OptionDescription(
    String key, String type, Optional<String> defaultValue, boolean required, String description) {
  /** Requires all parts. */
  public OptionDescription {
    requireNonNull(key, "key is null");
    requireNonNull(type, "type is null");
    requireNonNull(defaultValue, "defaultValue is null");
    requireNonNull(description, "description is null");
  }

  /**
   * The keys of a record of options, in its order.
   *
   * @throws IllegalArgumentException if a component is of a type that {@link Option} does not know
   */
  public static List<OptionDescription> of(Class<? extends Record> options) {
    List<OptionDescription> described = new ArrayList<>();
    describe(options, "", Set.of(), described);
    return List.copyOf(described);
  }

  private static void describe(
      Class<? extends Record> options,
      String prefix,
      Set<Class<?>> around,
      List<OptionDescription> described) {
    if (around.contains(options)) {
      throw new IllegalArgumentException(options.getName() + " holds options of its own kind");
    }
    Set<Class<?>> within = new HashSet<>(around);
    within.add(options);
    for (OptionKey key : OptionKey.of(options)) {
      described.add(
          new OptionDescription(
              prefix + key.name(),
              key.type().expected(),
              key.defaultValue(),
              key.isRequired(),
              key.description().orElse("")));
      OptionType type = key.type() instanceof OptionType.Maybe maybe ? maybe.element() : key.type();
      boolean several = type instanceof OptionType.ListOf;
      OptionType element = type instanceof OptionType.ListOf list ? list.element() : type;
      if (element instanceof OptionType.Nested nested) {
        describe(
            nested.options(), prefix + key.name() + (several ? "[]." : "."), within, described);
      }
    }
  }
}
