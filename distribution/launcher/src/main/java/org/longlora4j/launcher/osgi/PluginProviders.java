package org.longlora4j.launcher.osgi;

import com.google.inject.spi.Elements;
import com.google.inject.spi.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.longlora4j.api.plugin.Plugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.wiring.BundleWiring;

/** Finds the plugins that a started bundle holds. */
final class PluginProviders {
  private static final String SERVICE_FILE = "META-INF/services/" + Plugin.class.getName();

  private PluginProviders() {}

  static List<Plugin> of(Bundle bundle) throws BundleRefusedException {
    List<Plugin> plugins = new ArrayList<>();
    try {
      ClassLoader loader = bundle.adapt(BundleWiring.class).getClassLoader();
      for (var provider : ServiceLoader.load(Plugin.class, loader).stream().toList()) {
        // A service file that the bundle can see need not be its own.
        if (bundle.equals(FrameworkUtil.getBundle(provider.type()))) {
          plugins.add(configured(provider.get()));
        }
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      throw new BundleRefusedException("its plugin cannot be loaded: " + rootMessage(e), e);
    }
    if (plugins.isEmpty() && holdsClasses(bundle) && !isLibrary(bundle)) {
      throw new BundleRefusedException("it holds no plugin: " + SERVICE_FILE + " names none");
    }
    return plugins;
  }

  /** Guice collects what a module throws and goes on, so that failure must be asked for. */
  private static Plugin configured(Plugin plugin) throws BundleRefusedException {
    String failures =
        Elements.getElements(plugin).stream()
            .filter(Message.class::isInstance)
            .map(Message.class::cast)
            .map(PluginProviders::text)
            .collect(Collectors.joining("; "));
    if (!failures.isEmpty()) {
      throw new BundleRefusedException(
          "its plugin " + plugin.getClass().getName() + " fails to configure: " + failures);
    }
    return plugin;
  }

  private static String text(Message message) {
    return message.getCause() == null ? message.getMessage() : message.getCause().toString();
  }

  private static boolean holdsClasses(Bundle bundle) {
    return bundle.findEntries("/", "*.class", true) != null;
  }

  /** A bundle without plugins is of use if others can import from it. */
  private static boolean isLibrary(Bundle bundle) {
    return bundle.getHeaders().get(Constants.EXPORT_PACKAGE) != null;
  }

  private static String rootMessage(Throwable failure) {
    return failure.getCause() == null ? failure.toString() : rootMessage(failure.getCause());
  }
}
