package org.longlora4j.api.plugin;

import org.osgi.annotation.versioning.ProviderType;

/** Builds the extensions that an options record holds; a constructor may ask for it. */
@ProviderType
public interface ExtensionFactory {
  /**
   * Builds an extension.
   *
   * @param chosen a component of the options record that the constructor was given
   * @param <T> the extension point
   * @return a new instance, with the services that this extension was given
   */
  <T> T create(Chosen<T> chosen);
}
