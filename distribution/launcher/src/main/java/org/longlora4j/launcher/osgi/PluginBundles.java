package org.longlora4j.launcher.osgi;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * The plugins of a directory, each jar an OSGi bundle with a class loader of its own.
 *
 * <p>A jar that cannot take part becomes a {@link PluginProblem}; the others work on. The plugins'
 * classes can be loaded until this is closed. A jar that the directory's {@link PluginLock} does
 * not allow is not even installed.
 */
public final class PluginBundles implements AutoCloseable {
  private final Optional<FelixFramework> framework;
  private final Optional<PluginLock> lock;
  private final List<PluginProblem> notInstalled = new ArrayList<>();
  private final Map<Long, String> startFailures = new HashMap<>();
  private Found found = new Found(List.of(), List.of(), Map.of());

  /** The bundles as they were at one moment. */
  private record Found(
      List<LoadedPlugin> plugins, List<PluginProblem> problems, Map<String, ApiRange> apiByJar) {}

  private PluginBundles(Optional<FelixFramework> framework, Optional<PluginLock> lock) {
    this.framework = framework;
    this.lock = lock;
  }

  /**
   * Installs and starts every {@code *.jar} of a directory. Without a single one Felix is not
   * started.
   *
   * @param directory may be missing, which is as good as empty
   * @throws org.longlora4j.api.plugin.InvalidInputException if its lock cannot be read
   * @throws java.io.UncheckedIOException if the directory cannot be listed or Felix cannot be
   *     started
   */
  public static PluginBundles of(Path directory) {
    PluginDirectory plugins = new PluginDirectory(directory);
    return plugins.isEmpty()
        ? new PluginBundles(Optional.empty(), Optional.empty())
        : load(FelixFramework.start(List.of()), plugins);
  }

  /**
   * Installs and starts every {@code *.jar} of a directory, in the order of their names. All are
   * installed before the first is started, so that they may import from each other.
   *
   * @param framework closed with the result, or when this fails
   * @param directory may be missing, which is as good as empty
   */
  public static PluginBundles load(FelixFramework framework, PluginDirectory directory) {
    boolean loaded = false;
    try {
      PluginBundles bundles =
          new PluginBundles(Optional.of(framework), PluginLock.in(directory.path()));
      directory.jars().forEach(jar -> bundles.install(framework, jar));
      framework.bundles().forEach(bundle -> bundles.start(framework, bundle));
      bundles.rescan();
      loaded = true;
      return bundles;
    } finally {
      if (!loaded) {
        framework.close();
      }
    }
  }

  private void install(FelixFramework felix, Path jar) {
    String name = jar.getFileName().toString();
    String version = "";
    try {
      BundleManifest manifest = BundleManifest.read(jar);
      name = manifest.name();
      version = manifest.version();
      requireAllowed(jar, manifest);
      felix.install(jar);
    } catch (BundleRefusedException e) {
      notInstalled.add(new PluginProblem(name, version, jar, ApiRange.UNKNOWN, e.getMessage()));
    } catch (BundleException e) {
      String message = "its manifest cannot be used: " + e.getMessage();
      notInstalled.add(new PluginProblem(name, version, jar, ApiRange.UNKNOWN, message));
    }
  }

  private void requireAllowed(Path jar, BundleManifest manifest) throws BundleRefusedException {
    if (lock.isPresent()) {
      Optional<String> refusal = lock.get().refusal(LockedJar.of(jar, manifest));
      if (refusal.isPresent()) {
        throw new BundleRefusedException(refusal.get());
      }
    }
  }

  private void start(FelixFramework felix, Bundle bundle) {
    try {
      bundle.start();
    } catch (BundleException e) {
      startFailures.put(bundle.getBundleId(), new Resolution(felix.bundles()).explain(bundle, e));
    }
  }

  /**
   * Holds bundles that are installed later, by hand, to the directory's lock too: one that it does
   * not allow is uninstalled at once.
   *
   * @param warn told of each
   */
  public void guard(Consumer<String> warn) {
    if (lock.isPresent()) {
      framework.orElseThrow().addListener(new InstallGuard(lock.get(), warn));
    }
  }

  /** Looks at the bundles anew: one may have been installed, started, stopped or uninstalled. */
  public void rescan() {
    List<LoadedPlugin> plugins = new ArrayList<>();
    List<PluginProblem> problems = new ArrayList<>(notInstalled);
    Map<String, ApiRange> apiByJar = new HashMap<>();
    for (Bundle bundle : framework.map(FelixFramework::bundles).orElse(List.of())) {
      if (bundle.getBundleId() == 0) {
        continue;
      }
      String name = bundle.getSymbolicName();
      String version = bundle.getVersion().toString();
      Path jar = jar(bundle);
      ApiRange api = ApiRange.of(bundle);
      apiByJar.put(jar.toString(), api);
      try {
        for (Plugin plugin : providers(bundle)) {
          plugins.add(new LoadedPlugin(plugin, name, version, jar.toString()));
        }
      } catch (BundleRefusedException e) {
        problems.add(new PluginProblem(name, version, jar, api, e.getMessage()));
      }
    }
    found = new Found(List.copyOf(plugins), List.copyOf(problems), Map.copyOf(apiByJar));
  }

  private List<Plugin> providers(Bundle bundle) throws BundleRefusedException {
    if (bundle.getState() != Bundle.ACTIVE) {
      throw new BundleRefusedException(
          startFailures.getOrDefault(bundle.getBundleId(), "it is not started"));
    }
    return PluginProviders.of(bundle);
  }

  /** Where a bundle was installed from. */
  static Path jar(Bundle bundle) {
    String location = bundle.getLocation().replaceFirst("^reference:", "");
    return location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location);
  }

  /** What can be used, by jar. */
  public List<LoadedPlugin> plugins() {
    return found.plugins();
  }

  /** What cannot. */
  public List<PluginProblem> problems() {
    return found.problems();
  }

  /** Which versions of the API a plugin was built for. */
  public ApiRange api(LoadedPlugin plugin) {
    requireNonNull(plugin, "plugin is null");
    return found.apiByJar().getOrDefault(plugin.origin(), ApiRange.UNKNOWN);
  }

  @Override
  public void close() {
    framework.ifPresent(FelixFramework::close);
  }
}
