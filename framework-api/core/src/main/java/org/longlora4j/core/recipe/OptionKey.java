package org.longlora4j.core.recipe;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.Option;

/**
 * One key of an options record.
 *
 * @param name in kebab case
 * @param type what may stand there
 * @param component where the value goes
 */
record OptionKey(String name, OptionType type, RecordComponent component) {
  /** The keys of a record, in its order. */
  static List<OptionKey> of(Class<? extends Record> record) {
    return Stream.of(record.getRecordComponents())
        .map(
            component ->
                new OptionKey(
                    KebabCase.ofComponent(component.getName()),
                    OptionType.of(component),
                    component))
        .toList();
  }

  /** The sentence that explains it, if there is one. */
  Optional<String> description() {
    return option().map(Option::value).filter(text -> !text.isEmpty());
  }

  /** The value when the key is absent, as YAML. */
  Optional<String> defaultValue() {
    return option().map(Option::defaultValue).filter(text -> !text.equals(Option.REQUIRED));
  }

  /** Whether a recipe must give it. */
  boolean isRequired() {
    return defaultValue().isEmpty() && !(type instanceof OptionType.Maybe);
  }

  /** This key's value in a record. */
  Object valueIn(Record options) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }

  private Optional<Option> option() {
    return Optional.ofNullable(component.getAnnotation(Option.class));
  }
}
