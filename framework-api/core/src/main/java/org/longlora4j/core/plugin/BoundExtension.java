package org.longlora4j.core.plugin;

import org.longlora4j.api.plugin.Extension;

/**
 * An extension and the plugin that binds it.
 *
 * @param extension what is bound
 * @param plugin by whom
 * @param <T> the extension point
 */
public record BoundExtension<T>(Extension<T> extension, LoadedPlugin plugin) {
  /** The name in a recipe. */
  public String name() {
    return extension.name();
  }
}
