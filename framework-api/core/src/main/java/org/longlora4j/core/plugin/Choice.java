package org.longlora4j.core.plugin;

import static java.util.Objects.requireNonNull;

import org.longlora4j.api.plugin.Chosen;

/**
 * What a section of a recipe chose: an extension and its validated options.
 *
 * @param bound the extension and its plugin
 * @param options an instance of the extension's options record
 * @param <T> the extension point
 */
public record Choice<T>(BoundExtension<T> bound, Record options) implements Chosen<T> {
  /** Requires options of the extension's own record. */
  public Choice {
    requireNonNull(bound, "bound is null");
    if (!bound.extension().options().isInstance(options)) {
      throw new IllegalArgumentException(
          "options are not " + bound.extension().options().getName());
    }
  }

  @Override
  public String name() {
    return bound.name();
  }
}
