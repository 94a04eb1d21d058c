package org.longlora4j.core.recipe;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.Chosen;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.core.plugin.Choice;

/** What may stand under a key of a recipe; the types that {@link Option} lists. */
sealed interface OptionType
    permits ScalarType,
        OptionType.Nested,
        OptionType.FreeMap,
        OptionType.ListOf,
        OptionType.Maybe,
        OptionType.ChoiceOf {
  /** How a message names it, after "must be". */
  String expected();

  /** Options of their own, in a map. */
  record Nested(Class<? extends Record> options) implements OptionType {
    /** The option that may stand for the map, if there is one. */
    Optional<String> bareValue() {
      return Optional.ofNullable(options.getAnnotation(BareValue.class)).map(BareValue::value);
    }

    @Override
    public String expected() {
      return OptionKey.of(options).stream()
          .filter(key -> bareValue().filter(key.name()::equals).isPresent())
          .map(key -> key.type().expected() + ", or a map")
          .findFirst()
          .orElse("a map");
    }
  }

  /** A map of whatever keys and values: another format's. */
  record FreeMap() implements OptionType {
    @Override
    public String expected() {
      return "a map";
    }
  }

  /** A list, for which a single element may stand. */
  record ListOf(OptionType element) implements OptionType {
    @Override
    public String expected() {
      return "a list of which each is " + element.expected();
    }
  }

  /** A value that may be left out. */
  record Maybe(OptionType element, Class<?> wrapper) implements OptionType {
    @Override
    public String expected() {
      return element.expected();
    }

    Object empty() {
      if (wrapper == OptionalInt.class) {
        return OptionalInt.empty();
      }
      if (wrapper == OptionalLong.class) {
        return OptionalLong.empty();
      }
      return wrapper == OptionalDouble.class ? OptionalDouble.empty() : Optional.empty();
    }

    Object wrap(Object value) {
      if (wrapper == OptionalInt.class) {
        return OptionalInt.of((Integer) value);
      }
      if (wrapper == OptionalLong.class) {
        return OptionalLong.of((Long) value);
      }
      return wrapper == OptionalDouble.class
          ? OptionalDouble.of((Double) value)
          : Optional.of(value);
    }
  }

  /** An extension chosen by name, with its options. */
  record ChoiceOf(Class<?> point) implements OptionType {
    /** What messages call the extension point. */
    String kind() {
      return point.getAnnotation(ExtensionPoint.class).value();
    }

    @Override
    public String expected() {
      return "a known " + kind();
    }
  }

  /** The type of a record component. */
  static OptionType of(RecordComponent component) {
    Option option = component.getAnnotation(Option.class);
    Bounds bounds = option == null ? Bounds.NONE : Bounds.of(option);
    return of(component.getGenericType(), bounds)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    component.getDeclaringRecord().getName()
                        + " has a component '"
                        + component.getName()
                        + "' of a type that no option can have: "
                        + component.getGenericType().getTypeName()));
  }

  private static Optional<OptionType> of(Type type, Bounds bounds) {
    if (type instanceof ParameterizedType generic) {
      return ofGeneric(generic.getRawType(), generic.getActualTypeArguments()[0], bounds);
    }
    if (type == OptionalInt.class) {
      return Optional.of(new Maybe(new ScalarType.Whole(true, bounds), OptionalInt.class));
    }
    if (type == OptionalLong.class) {
      return Optional.of(new Maybe(new ScalarType.Whole(false, bounds), OptionalLong.class));
    }
    if (type == OptionalDouble.class) {
      return Optional.of(new Maybe(new ScalarType.Real(bounds), OptionalDouble.class));
    }
    if (type instanceof Class<?> plain) {
      return ofClass(plain, bounds);
    }
    return Optional.empty();
  }

  private static Optional<OptionType> ofGeneric(Type raw, Type argument, Bounds bounds) {
    if ((raw == Chosen.class || raw == Choice.class) && argument instanceof Class<?> point) {
      return Optional.of(new ChoiceOf(point));
    }
    if (raw == Map.class) {
      return Optional.of(new FreeMap());
    }
    if (raw == List.class) {
      return of(argument, bounds).map(ListOf::new);
    }
    if (raw == Optional.class) {
      return of(argument, bounds).map(element -> new Maybe(element, Optional.class));
    }
    return Optional.empty();
  }

  private static Optional<OptionType> ofClass(Class<?> type, Bounds bounds) {
    if (type == int.class || type == Integer.class) {
      return Optional.of(new ScalarType.Whole(true, bounds));
    }
    if (type == long.class || type == Long.class) {
      return Optional.of(new ScalarType.Whole(false, bounds));
    }
    if (type == double.class || type == Double.class) {
      return Optional.of(new ScalarType.Real(bounds));
    }
    if (type == boolean.class || type == Boolean.class) {
      return Optional.of(new ScalarType.Truth());
    }
    if (type == String.class) {
      return Optional.of(new ScalarType.Text());
    }
    if (type == Path.class) {
      return Optional.of(new ScalarType.FilePath());
    }
    if (type == FilePattern.class) {
      return Optional.of(new ScalarType.Files());
    }
    if (type.isEnum()) {
      return Optional.of(
          new ScalarType.Constant(
              Stream.of(type.getEnumConstants()).<Enum<?>>map(c -> (Enum<?>) c).toList()));
    }
    return type.isRecord()
        ? Optional.of(new Nested(type.asSubclass(Record.class)))
        : Optional.empty();
  }
}
