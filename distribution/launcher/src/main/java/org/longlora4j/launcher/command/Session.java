package org.longlora4j.launcher.command;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.launcher.osgi.ApiRange;
import org.longlora4j.launcher.osgi.FelixFramework;
import org.longlora4j.launcher.osgi.PluginBundles;
import org.longlora4j.launcher.osgi.PluginDirectory;
import org.longlora4j.launcher.osgi.PluginProblem;
import org.osgi.framework.BundleActivator;

/**
 * What the commands of one process share.
 *
 * <p>Plugins are loaded when a command first asks for them, and live until the session is closed.
 * They come from the directory that {@code --plugins} or {@code LONGLORA_PLUGINS} names, else from
 * {@code plugins/} of the distribution; a session outside a distribution takes those of the class
 * path.
 */
public final class Session implements AutoCloseable {
  private static final String PLUGINS_OPTION = "--plugins";
  private static final String PLUGINS_VARIABLE = "LONGLORA_PLUGINS";

  private final Environment environment;
  private final GlobalOptions options;
  private final Output output;
  private final StartupClock clock;
  private Optional<Plugins> plugins = Optional.empty();
  private Optional<TorchServices> engine = Optional.empty();

  /**
   * What was loaded.
   *
   * @param bundles none on a plain class path
   */
  private record Plugins(ExtensionRegistry extensions, Optional<PluginBundles> bundles) {}

  Session(Environment environment, GlobalOptions options, StartupClock clock) {
    this.environment = requireNonNull(environment, "environment is null");
    this.options = requireNonNull(options, "options is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.output = new Output(environment.out(), environment.err());
  }

  /** What surrounds the process. */
  public Environment environment() {
    return environment;
  }

  /** Where the time of starting goes. */
  StartupClock clock() {
    return clock;
  }

  /** Where to print. */
  public Output output() {
    return output;
  }

  /**
   * All extensions that can be used.
   *
   * @throws InvalidInputException if the named plugin directory does not exist, or if its lock
   *     cannot be read
   */
  public ExtensionRegistry extensions() {
    return plugins().extensions();
  }

  /** The jars of the plugin directory that cannot be used; each was warned of once. */
  public List<PluginProblem> problems() {
    return plugins().bundles().map(PluginBundles::problems).orElse(List.of());
  }

  /** Which versions of the API a plugin was built for. */
  ApiRange api(LoadedPlugin plugin) {
    return plugins().bundles().map(bundles -> bundles.api(plugin)).orElse(ApiRange.UNKNOWN);
  }

  /** The plugin at work when a command failed, if one was. */
  synchronized Optional<LoadedPlugin> responsible(Throwable failure) {
    return plugins.flatMap(loaded -> loaded.extensions().responsible(failure));
  }

  /** The engine, started when a command first asks for it. */
  public synchronized TorchServices engine() {
    if (engine.isEmpty()) {
      engine = Optional.of(clock.time(StartupClock.Phase.ENGINE, TorchServices::new));
    }
    return engine.get();
  }

  /** The recipes that come with the distribution. */
  public RecipeLibrary recipes() {
    return shipped("recipes");
  }

  /** The studies that come with the distribution. */
  RecipeLibrary studies() {
    return shipped("studies");
  }

  private RecipeLibrary shipped(String folder) {
    return environment
        .home()
        .map(home -> RecipeLibrary.in(home.resolve(folder)))
        .orElseGet(RecipeLibrary::empty);
  }

  /**
   * A model's tokenizer, which the caller closes.
   *
   * @throws InvalidInputException if the model has none
   */
  Tokenizer requireTokenizer(Path model) {
    return Tokenizer.inDirectory(model)
        .orElseThrow(
            () ->
                new InvalidInputException(
                    model + " has no tokenizer.json, which this command needs."));
  }

  private synchronized Plugins plugins() {
    if (plugins.isEmpty()) {
      plugins =
          Optional.of(pluginDirectory().map(this::fromDirectory).orElseGet(Session::onClassPath));
    }
    return plugins.get();
  }

  /**
   * The directory that plugins come from; it need not exist.
   *
   * @throws InvalidInputException if the session is one outside a distribution that names none
   */
  PluginDirectory requirePluginDirectory() {
    return new PluginDirectory(
        pluginDirectory()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "There is no plugin directory outside an unpacked distribution. Name one"
                            + " with --plugins.")));
  }

  private Optional<Path> pluginDirectory() {
    return options
        .plugins()
        .map(directory -> existing(PLUGINS_OPTION, directory))
        .or(
            () ->
                environment
                    .variable(PLUGINS_VARIABLE)
                    .map(directory -> existing(PLUGINS_VARIABLE, Path.of(directory))))
        .or(() -> environment.home().map(home -> home.resolve("plugins")))
        .map(directory -> directory.toAbsolutePath().normalize());
  }

  private static Path existing(String namedBy, Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new InvalidInputException(
          "%s names the plugin directory %s, which does not exist. Name one that holds plugin jars."
              .formatted(namedBy, directory.toAbsolutePath()));
    }
    return directory;
  }

  private Plugins fromDirectory(Path directory) {
    PluginDirectory jars = new PluginDirectory(directory);
    return jars.isEmpty()
        ? new Plugins(new ExtensionRegistry(List.of()), Optional.empty())
        : load(jars, List.of());
  }

  private Plugins load(PluginDirectory jars, List<BundleActivator> activators) {
    FelixFramework felix =
        clock.time(StartupClock.Phase.FELIX, () -> FelixFramework.start(activators));
    Plugins loaded =
        clock.time(StartupClock.Phase.PLUGINS, () -> loaded(PluginBundles.load(felix, jars)));
    new PluginWarnings(loaded.extensions(), loaded.bundles().orElseThrow().problems())
        .lines()
        .forEach(output::warn);
    return loaded;
  }

  private static Plugins loaded(PluginBundles bundles) {
    return new Plugins(new ExtensionRegistry(bundles.plugins()), Optional.of(bundles));
  }

  /**
   * Loads the plugins with Felix running whether or not there is a jar, and parts of the launcher
   * within it.
   *
   * @param activators started with Felix
   * @throws InvalidInputException if plugins are loaded already
   */
  synchronized void loadWith(List<BundleActivator> activators) {
    if (plugins.isPresent()) {
      throw new InvalidInputException("The plugins of this session are loaded already.");
    }
    Plugins loaded = load(requirePluginDirectory(), activators);
    loaded.bundles().orElseThrow().guard(output::warn);
    plugins = Optional.of(loaded);
  }

  /** Looks at the bundles anew, after some were installed or uninstalled. */
  synchronized void rescan() {
    plugins
        .flatMap(Plugins::bundles)
        .ifPresent(
            bundles -> {
              bundles.rescan();
              plugins = Optional.of(loaded(bundles));
            });
  }

  private static Plugins onClassPath() {
    return new Plugins(
        ExtensionRegistry.onClassPath(Session.class.getClassLoader()), Optional.empty());
  }

  @Override
  public synchronized void close() {
    engine.ifPresent(TorchServices::close);
    engine = Optional.empty();
    plugins.flatMap(Plugins::bundles).ifPresent(PluginBundles::close);
    plugins = Optional.empty();
  }
}
