package org.longlora4j.core.plugin;

import static java.util.Objects.requireNonNull;

import com.google.inject.Binder;
import com.google.inject.ConfigurationException;
import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.ProvisionException;
import com.google.inject.spi.Element;
import com.google.inject.spi.Elements;
import com.google.inject.spi.InstanceBinding;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.Chosen;
import org.longlora4j.api.plugin.Extension;
import org.longlora4j.api.plugin.ExtensionFactory;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.api.plugin.Plugin;

/**
 * All names that can follow {@code use:} in a recipe, and how to build what they name.
 *
 * <p>Building a registry loads neither DJL's engine nor any implementation.
 */
public final class ExtensionRegistry {
  private final List<LoadedPlugin> plugins;
  private final Map<Class<?>, Map<String, List<BoundExtension<?>>>> extensions =
      new LinkedHashMap<>();

  /**
   * Collects what plugins bind.
   *
   * <p>A name that two plugins bind at one extension point belongs to neither, since nothing says
   * which is meant: {@link #find} refuses it, and all else works on. The framework's own names stay
   * its own.
   *
   * @param plugins in the order in which they are listed
   */
  public ExtensionRegistry(Collection<LoadedPlugin> plugins) {
    List<LoadedPlugin> all = new ArrayList<>();
    all.add(BuiltIns.asPlugin());
    all.addAll(plugins);
    this.plugins = List.copyOf(all);
    for (LoadedPlugin plugin : this.plugins) {
      for (Extension<?> extension : bindings(plugin)) {
        add(extension, plugin);
      }
    }
  }

  /** A registry of the plugins that {@link ServiceLoader} finds through a class loader. */
  public static ExtensionRegistry onClassPath(ClassLoader loader) {
    return new ExtensionRegistry(
        ServiceLoader.load(Plugin.class, loader).stream()
            .map(ServiceLoader.Provider::get)
            .map(LoadedPlugin::onClassPath)
            .toList());
  }

  /** Reads a module's bindings without building anything that it binds. */
  private static List<Extension<?>> bindings(LoadedPlugin plugin) {
    List<Extension<?>> bound = new ArrayList<>();
    for (Element element : Elements.getElements(plugin.plugin())) {
      if (element instanceof InstanceBinding<?> binding
          && binding.getInstance() instanceof Extension<?> extension) {
        bound.add(extension);
      }
    }
    return bound;
  }

  private void add(Extension<?> extension, LoadedPlugin plugin) {
    extensions
        .computeIfAbsent(extension.point(), point -> new TreeMap<>())
        .computeIfAbsent(extension.name(), name -> new ArrayList<>())
        .add(new BoundExtension<>(extension, plugin));
  }

  /** The plugins, the framework's own built-ins first. */
  public List<LoadedPlugin> plugins() {
    return plugins;
  }

  /** Every extension that a recipe can use, by extension point and name. */
  public List<BoundExtension<?>> all() {
    return offers()
        .filter(offers -> conflict(offers).filter(NameConflict::isOpen).isEmpty())
        .<BoundExtension<?>>map(offers -> offers.get(0))
        .toList();
  }

  /** What one plugin binds, by extension point and name, also what others bind too. */
  public List<BoundExtension<?>> of(LoadedPlugin plugin) {
    return offers().flatMap(List::stream).filter(bound -> bound.plugin().equals(plugin)).toList();
  }

  /** The names that more than one plugin binds. */
  public List<NameConflict> conflicts() {
    return offers().flatMap(offers -> conflict(offers).stream()).toList();
  }

  /** Why a name cannot be used although it is bound, if that is so. */
  public Optional<NameConflict> conflict(Class<?> point, String name) {
    return conflict(offers(point, name)).filter(NameConflict::isOpen);
  }

  private Stream<List<BoundExtension<?>>> offers() {
    return extensions.values().stream().flatMap(byName -> byName.values().stream());
  }

  private List<BoundExtension<?>> offers(Class<?> point, String name) {
    return extensions.getOrDefault(point, Map.of()).getOrDefault(name, List.of());
  }

  private static Optional<NameConflict> conflict(List<BoundExtension<?>> offers) {
    return offers.size() < 2
        ? Optional.empty()
        : Optional.of(
            new NameConflict(
                offers.get(0).extension().kind(),
                offers.get(0).name(),
                offers.stream().<LoadedPlugin>map(BoundExtension::plugin).toList()));
  }

  /** The names at an extension point, sorted. */
  public List<String> names(Class<?> point) {
    return List.copyOf(extensions.getOrDefault(point, Map.of()).keySet());
  }

  /**
   * The extension of a name, if there is one.
   *
   * @throws InvalidInputException if several plugins bind the name
   */
  @SuppressWarnings("unchecked") // the map's inner values are typed by its outer key
  public <T> Optional<BoundExtension<T>> find(Class<T> point, String name) {
    conflict(point, name)
        .ifPresent(
            conflict -> {
              throw new InvalidInputException("Asked for " + conflict + ".");
            });
    return offers(point, name).stream().findFirst().map(bound -> (BoundExtension<T>) bound);
  }

  /**
   * The plugin whose code was running when something was thrown, if any was.
   *
   * @param failure what was thrown, in its constructor or in a call
   */
  public Optional<LoadedPlugin> responsible(Throwable failure) {
    return new PluginFrames(plugins).topmost(failure);
  }

  /**
   * Builds an extension.
   *
   * @param chosen what and with which options
   * @param services the bindings that implementations may ask for: kernels, tensor files; an {@link
   *     ExtensionFactory} is added to them
   * @return a new instance
   * @throws InvalidInputException if the implementation's constructor refuses its options
   * @throws PluginFailedException if it cannot be built for another reason: the message names the
   *     extension, its plugin and the jar
   */
  public <T> T create(Choice<T> chosen, Module services) {
    requireNonNull(services, "services is null");
    Extension<T> extension = chosen.bound().extension();
    try {
      Injector injector =
          Guice.createInjector(
              services,
              chosen.bound().plugin().plugin(),
              binder -> bindOptions(binder, chosen.options()),
              binder -> binder.bind(ExtensionFactory.class).toInstance(new Factory(services)));
      return injector.getInstance(extension.implementation());
    } catch (ProvisionException | CreationException | ConfigurationException e) {
      if (e.getCause() instanceof InvalidInputException refused) {
        throw refused;
      }
      throw notBuilt(chosen.bound(), e.getCause() == null ? e : e.getCause());
    } catch (LinkageError e) { // Guice looks at a class whose parts are not all there
      throw notBuilt(chosen.bound(), e);
    }
  }

  /**
   * Builds an extension that no recipe names, such as a format of files or a family of models, and
   * that therefore takes no options.
   *
   * @param point the extension point
   * @param name under which it is bound
   * @param services as {@link #create} takes them
   * @return a new instance; empty if there is no such name
   * @throws IllegalStateException if it asks for options, or cannot be built
   */
  public <T> Optional<T> createUnnamed(Class<T> point, String name, Module services) {
    Optional<BoundExtension<T>> bound = find(point, name);
    return bound.map(extension -> create(new Choice<>(extension, none(extension)), services));
  }

  private static NoOptions none(BoundExtension<?> bound) {
    Class<? extends Record> options = bound.extension().options();
    if (options != NoOptions.class) {
      throw new IllegalStateException(
          "the %s '%s' of %s is bound with the options %s, must be bound without: no recipe names"
                  .formatted(
                      bound.extension().kind(),
                      bound.extension().name(),
                      bound.plugin().origin(),
                      options.getName())
              + " it");
    }
    return new NoOptions();
  }

  private static RuntimeException notBuilt(BoundExtension<?> bound, Throwable cause) {
    if (cause instanceof PluginFailedException within) { // of an extension that this one holds
      return within;
    }
    return new PluginFailedException(
        "The %s '%s' of the plugin %s cannot be built: %s"
            .formatted(
                bound.extension().kind(),
                bound.extension().name(),
                bound.plugin().description(),
                cause),
        cause);
  }

  @SuppressWarnings("unchecked") // an object is an instance of its own class
  private static void bindOptions(Binder binder, Record options) {
    binder.bind((Class<Record>) options.getClass()).toInstance(options);
  }

  /** Builds what the options of an extension hold, with that extension's services. */
  private final class Factory implements ExtensionFactory {
    private final Module services;

    Factory(Module services) {
      this.services = services;
    }

    @Override
    public <T> T create(Chosen<T> chosen) {
      if (!(chosen instanceof Choice<T> choice)) {
        throw new IllegalArgumentException(chosen.name() + " was not chosen by a recipe");
      }
      return ExtensionRegistry.this.create(choice, services);
    }
  }
}
