package org.longlora4j.api.plugin;

import org.osgi.annotation.versioning.ProviderType;

/**
 * What a section of a recipe chose: an extension and its validated options.
 *
 * <p>A component of this type in an options record lets an extension hold others, each with {@code
 * use:} and options of its own. An {@link ExtensionFactory} builds them.
 *
 * @param <T> the extension point
 */
@ProviderType
public interface Chosen<T> {
  /** The name in the recipe. */
  String name();
}
