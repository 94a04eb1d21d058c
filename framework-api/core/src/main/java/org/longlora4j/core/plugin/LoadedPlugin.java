package org.longlora4j.core.plugin;

import static java.util.Objects.requireNonNull;

import java.security.CodeSource;
import java.util.Optional;
import org.longlora4j.api.plugin.Plugin;

/**
 * A plugin and where it came from.
 *
 * @param plugin the Guice module
 * @param name the bundle's symbolic name, or the plugin's class on a plain class path
 * @param version the bundle's or the jar manifest's version
 * @param origin the jar or folder that it came from, for messages
 */
public record LoadedPlugin(Plugin plugin, String name, String version, String origin) {
  /** Requires all parts. */
  public LoadedPlugin {
    requireNonNull(plugin, "plugin is null");
    requireNonNull(name, "name is null");
    requireNonNull(version, "version is null");
    requireNonNull(origin, "origin is null");
  }

  /** Name, version and jar, as messages give them. */
  public String description() {
    return "%s %s (%s)".formatted(name, version, origin);
  }

  /** Whether this is the framework itself. */
  public boolean isBuiltIn() {
    return plugin instanceof BuiltIns;
  }

  /** Describes a plugin found on a plain class path. */
  static LoadedPlugin onClassPath(Plugin plugin) {
    Class<?> type = plugin.getClass();
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return new LoadedPlugin(
        plugin,
        type.getName(),
        Optional.ofNullable(type.getPackage().getImplementationVersion()).orElse("unknown"),
        source == null ? "unknown" : source.getLocation().getPath());
  }
}
