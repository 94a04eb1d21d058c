package org.longlora4j.launcher.command;

import static java.util.Objects.requireNonNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.RecipeLibrary;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.launcher.osgi.PluginBundles;
import org.longlora4j.launcher.osgi.PluginProblem;

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
  private Optional<Plugins> plugins = Optional.empty();
  private Optional<TorchServices> engine = Optional.empty();

  private record Plugins(
      ExtensionRegistry extensions, List<PluginProblem> problems, Runnable stop) {}

  Session(Environment environment, GlobalOptions options) {
    this.environment = requireNonNull(environment, "environment is null");
    this.options = requireNonNull(options, "options is null");
    this.output = new Output(environment.out(), environment.err());
  }

  /** What surrounds the process. */
  public Environment environment() {
    return environment;
  }

  /** Where to print. */
  public Output output() {
    return output;
  }

  /**
   * All extensions that can be used.
   *
   * @throws InvalidInputException if the named plugin directory does not exist, or if two plugins
   *     bind one name
   */
  public ExtensionRegistry extensions() {
    return plugins().extensions();
  }

  /** The jars of the plugin directory that cannot be used; each was warned of once. */
  public List<PluginProblem> problems() {
    return plugins().problems();
  }

  /** The engine, started when a command first asks for it. */
  public synchronized TorchServices engine() {
    if (engine.isEmpty()) {
      engine = Optional.of(new TorchServices());
    }
    return engine.get();
  }

  /** The recipes that come with the distribution. */
  public RecipeLibrary recipes() {
    return environment
        .home()
        .map(home -> RecipeLibrary.in(home.resolve("recipes")))
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

  private Optional<Path> pluginDirectory() {
    return options
        .plugins()
        .map(directory -> existing(PLUGINS_OPTION, directory))
        .or(
            () ->
                environment
                    .variable(PLUGINS_VARIABLE)
                    .map(directory -> existing(PLUGINS_VARIABLE, Path.of(directory))))
        .or(() -> environment.home().map(home -> home.resolve("plugins")));
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
    PluginBundles bundles = PluginBundles.of(directory.toAbsolutePath().normalize());
    bundles.problems().forEach(this::warn);
    try {
      return new Plugins(
          new ExtensionRegistry(bundles.plugins()), bundles.problems(), bundles::close);
    } catch (RuntimeException e) {
      bundles.close();
      throw e;
    }
  }

  private void warn(PluginProblem problem) {
    output.warn("plugin %s is left out: %s".formatted(problem.jar(), problem.message()));
  }

  private static Plugins onClassPath() {
    return new Plugins(
        ExtensionRegistry.onClassPath(Session.class.getClassLoader()), List.of(), () -> {});
  }

  @Override
  public synchronized void close() {
    engine.ifPresent(TorchServices::close);
    engine = Optional.empty();
    plugins.ifPresent(loaded -> loaded.stop().run());
    plugins = Optional.empty();
  }
}
