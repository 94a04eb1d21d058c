package org.longlora4j.api.plugin;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * One name at one extension point: {@code use: s2-attn} under {@code attention} in a recipe.
 *
 * @param point the extension point's interface
 * @param name lower-case words joined by hyphens, unique within the extension point
 * @param implementation built by Guice when a recipe uses the name; its constructor, annotated
 *     {@code @Inject}, may ask for the options record, for the framework's services, and for an
 *     {@link ExtensionFactory} if the record holds other extensions
 * @param options a record whose components carry {@link Option}
 * @param <T> the extension point
 */
public record Extension<T>(
    Class<T> point,
    String name,
    Class<? extends T> implementation,
    Class<? extends Record> options) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  /**
   * Checks the name and that {@code point} is an extension point.
   *
   * @throws IllegalArgumentException if the name is not lower-case words joined by hyphens, or if
   *     {@code point} is not annotated with {@link ExtensionPoint}
   */
  public Extension {
    requireNonNull(point, "point is null");
    requireNonNull(name, "name is null");
    requireNonNull(implementation, "implementation is null");
    requireNonNull(options, "options is null");
    if (!point.isAnnotationPresent(ExtensionPoint.class)) {
      throw new IllegalArgumentException(point.getName() + " is not an extension point");
    }
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'" + name + "' is not a name: lower-case words joined by hyphens are");
    }
  }

  /** What messages call this extension's kind, for example {@code attention pattern}. */
  public String kind() {
    return point.getAnnotation(ExtensionPoint.class).value();
  }
}
