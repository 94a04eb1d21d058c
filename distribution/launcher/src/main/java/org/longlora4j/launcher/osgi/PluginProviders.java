package org.longlora4j.launcher.osgi;

import com.google.inject.spi.Element;
import com.google.inject.spi.Elements;
import com.google.inject.spi.InstanceBinding;
import com.google.inject.spi.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.longlora4j.api.plugin.Extension;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.core.recipe.OptionDescription;
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
    List<Element> elements = Elements.getElements(plugin);
    String failures =
        elements.stream()
            .filter(Message.class::isInstance)
            .map(Message.class::cast)
            .map(PluginProviders::text)
            .collect(Collectors.joining("; "));
    if (!failures.isEmpty()) {
      throw new BundleRefusedException(
          "its plugin " + plugin.getClass().getName() + " fails to configure: " + failures);
    }
    for (Element element : elements) {
      if (element instanceof InstanceBinding<?> binding
          && binding.getInstance() instanceof Extension<?> extension) {
        requireOptions(extension);
      }
    }
    return plugin;
  }

  /** Every recipe is checked against the options of all plugins, so these must be readable. */
  private static void requireOptions(Extension<?> extension) throws BundleRefusedException {
    try {
      OptionDescription.of(extension.options());
    } catch (IllegalArgumentException | LinkageError | TypeNotPresentException e) {
      throw new BundleRefusedException(
          "the options of its %s '%s' cannot be read: %s"
              .formatted(extension.kind(), extension.name(), rootMessage(e)),
          e);
    }
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
