package org.longlora4j.api.plugin;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one component of an options record: what a recipe may say under that key.
 *
 * <p>The key is the component's name in kebab case: {@code groupRatio} is read from {@code
 * group-ratio}. A component may be an {@code int}, {@code long}, {@code double}, {@code boolean},
 * {@link String}, {@link java.nio.file.Path} (resolved against the recipe's folder), {@link
 * FilePattern}, an enum (its constants in kebab case), another record of options, a {@link Chosen}
 * extension (a bare name, or a map with {@code use} and the extension's options), a {@link
 * java.util.List} of any of these (where a single value stands for a list of one), a {@code
 * Map<String, Object>} of keys and values that the record checks itself, or a {@link
 * java.util.Optional}, {@link java.util.OptionalInt}, {@link java.util.OptionalLong} or {@link
 * java.util.OptionalDouble}, which is empty when the key is absent.
 *
 * <p>Rules that span several components belong in the record's compact constructor, which reports
 * them with an {@link IllegalArgumentException}.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Option {
  /** What the option means, with its unit. One sentence or two, shown to users. */
  String value();

  /**
   * The value when the key is absent, as it would stand in the recipe (YAML). An option with
   * neither a default nor an optional type is required.
   */
  String defaultValue() default REQUIRED;

  /** The smallest number allowed. */
  double min() default Double.NEGATIVE_INFINITY;

  /** The largest number allowed. */
  double max() default Double.POSITIVE_INFINITY;

  /** Marks an option without a default. */
  String REQUIRED = "\0";
}
