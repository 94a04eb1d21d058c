package org.longlora4j.core.plugin;

import com.google.inject.Binder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.core.data.TextSource;

/** The extensions that the framework itself offers, enough to train without any plugin. */
final class BuiltIns implements Plugin {
  static LoadedPlugin asPlugin() {
    return LoadedPlugin.onClassPath(new BuiltIns());
  }

  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder)
        .bind(DocumentSource.class, "text", TextSource.class, TextSource.Options.class);
  }
}
