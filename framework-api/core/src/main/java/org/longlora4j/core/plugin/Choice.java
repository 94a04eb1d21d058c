package org.longlora4j.core.plugin;

import static java.util.Objects.requireNonNull;

/**
 * What a section of a recipe chose: an extension and its validated options.
 *
 * @param bound the extension and its plugin
 * @param options an instance of the extension's options record
 * @param <T> the extension point
 */
public record Choice<T>(BoundExtension<T> bound, Record options) {
  /** Requires options of the extension's own record. */
  public Choice {
    requireNonNull(bound, "bound is null");
    if (!bound.extension().options().isInstance(options)) {
      throw new IllegalArgumentException(
          "options are not " + bound.extension().options().getName());
    }
  }

  /** The name in the recipe. */
  public String name() {
    return bound.name();
  }
}
