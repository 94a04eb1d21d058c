package org.longlora4j.launcher.osgi;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * The plugins of a directory, each jar an OSGi bundle with a class loader of its own.
 *
 * <p>A jar that cannot take part becomes a {@link PluginProblem}; the others work on. The plugins'
 * classes can be loaded until this is closed. Without a single jar Felix is not started.
 */
public final class PluginBundles implements AutoCloseable {
  private final List<LoadedPlugin> plugins;
  private final List<PluginProblem> problems;
  private final Runnable stop;

  private PluginBundles(List<LoadedPlugin> plugins, List<PluginProblem> problems, Runnable stop) {
    this.plugins = List.copyOf(plugins);
    this.problems = List.copyOf(problems);
    this.stop = stop;
  }

  /**
   * Installs and starts every {@code *.jar} of a directory, in the order of their names.
   *
   * @param directory may be missing, which is as good as empty
   * @throws UncheckedIOException if the directory cannot be listed or Felix cannot be started
   */
  public static PluginBundles of(Path directory) {
    requireNonNull(directory, "directory is null");
    try {
      List<Path> jars = jars(directory);
      if (jars.isEmpty()) {
        return new PluginBundles(List.of(), List.of(), () -> {});
      }
      FelixFramework framework = FelixFramework.start();
      try {
        Loading loading = new Loading(framework);
        loading.load(jars);
        return new PluginBundles(loading.plugins, loading.problems, framework::close);
      } catch (RuntimeException | Error e) {
        framework.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> jars(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().endsWith(".jar")).sorted().toList();
    }
  }

  /** What can be used, by jar. */
  public List<LoadedPlugin> plugins() {
    return plugins;
  }

  /** What cannot. */
  public List<PluginProblem> problems() {
    return problems;
  }

  @Override
  public void close() {
    stop.run();
  }

  /**
   * One pass over the jars. All are installed before the first is started, so that they may import
   * from each other.
   */
  private static final class Loading {
    private final FelixFramework framework;
    private final List<LoadedPlugin> plugins = new ArrayList<>();
    private final List<PluginProblem> problems = new ArrayList<>();

    Loading(FelixFramework framework) {
      this.framework = framework;
    }

    void load(List<Path> jars) {
      Map<Path, Bundle> installed = new LinkedHashMap<>();
      for (Path jar : jars) {
        try {
          installed.put(jar, install(jar));
        } catch (BundleRefusedException e) {
          String file = jar.getFileName().toString();
          problems.add(new PluginProblem(file, "", jar, e.getMessage()));
        }
      }
      installed.forEach(this::start);
    }

    private Bundle install(Path jar) throws BundleRefusedException {
      BundleManifest.check(jar);
      try {
        return framework.install(jar);
      } catch (BundleException e) {
        throw new BundleRefusedException("it cannot be installed: " + e.getMessage(), e);
      }
    }

    private void start(Path jar, Bundle bundle) {
      String name = bundle.getSymbolicName();
      String version = bundle.getVersion().toString();
      try {
        try {
          bundle.start();
        } catch (BundleException e) {
          throw new BundleRefusedException(
              new Resolution(framework.bundles()).explain(bundle, e), e);
        }
        for (Plugin plugin : PluginProviders.of(bundle)) {
          plugins.add(new LoadedPlugin(plugin, name, version, jar.toString()));
        }
      } catch (BundleRefusedException e) {
        problems.add(new PluginProblem(name, version, jar, e.getMessage()));
      }
    }
  }
}
