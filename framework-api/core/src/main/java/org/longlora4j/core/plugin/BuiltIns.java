package org.longlora4j.core.plugin;

import com.google.inject.Binder;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;

/** The extensions that the framework itself offers, enough to train without any plugin. */
final class BuiltIns implements Plugin {
  static LoadedPlugin asPlugin() {
    return LoadedPlugin.onClassPath(new BuiltIns());
  }

  @Override
  public void configure(Binder binder) {
    new ExtensionBinder(binder);
  }
}
