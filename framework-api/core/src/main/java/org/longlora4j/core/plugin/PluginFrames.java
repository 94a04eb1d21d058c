package org.longlora4j.core.plugin;

import java.security.CodeSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Finds plugins in stack traces, so that a failure can be told with the name of the jar at work.
 *
 * <p>A bundle has a class loader of its own; on a plain class path the jar tells plugins apart.
 */
final class PluginFrames {
  private final List<LoadedPlugin> plugins;

  PluginFrames(Collection<LoadedPlugin> plugins) {
    this.plugins = plugins.stream().filter(plugin -> !plugin.isBuiltIn()).toList();
  }

  /** The plugin nearest to where the failure began: that of the innermost cause comes first. */
  Optional<LoadedPlugin> topmost(Throwable failure) {
    Deque<Throwable> innermostFirst = new ArrayDeque<>();
    for (Throwable cause = failure;
        cause != null && !innermostFirst.contains(cause);
        cause = cause.getCause()) {
      innermostFirst.push(cause);
    }
    return innermostFirst.stream()
        .flatMap(cause -> List.of(cause.getStackTrace()).stream())
        .flatMap(frame -> owner(frame.getClassName()).stream())
        .findFirst();
  }

  private Optional<LoadedPlugin> owner(String className) {
    return plugins.stream().filter(plugin -> owns(plugin, className)).findFirst();
  }

  private static boolean owns(LoadedPlugin plugin, String className) {
    Class<?> door = plugin.plugin().getClass();
    try {
      Class<?> type = Class.forName(className, false, door.getClassLoader());
      return type.getClassLoader() == door.getClassLoader()
          && Objects.equals(source(type), source(door))
          && (source(type).isEmpty() || !source(type).equals(source(PluginFrames.class)));
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /** Where a class lies; empty where its class loader, such as a bundle's, does not tell. */
  private static Optional<String> source(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return Optional.ofNullable(source).map(CodeSource::getLocation).map(Object::toString);
  }
}
