package org.longlora4j.launcher.osgi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.felix.framework.Felix;
import org.apache.felix.framework.util.FelixConstants;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.SynchronousBundleListener;

/** A running Felix, with its bundle cache in a temporary directory. */
public final class FelixFramework implements AutoCloseable {
  private static final long STOP_TIMEOUT_MILLIS = 10_000;

  private final Felix felix;
  private final Path cache;
  private final Thread cleaning;

  private FelixFramework(Felix felix, Path cache) {
    this.felix = felix;
    this.cache = cache;
    this.cleaning = new Thread(() -> deleteTree(cache), "bundle-cache-cleaning");
  }

  /**
   * Starts without any bundle but the system's.
   *
   * @param activators run as parts of the system bundle, with the launcher's class path
   * @throws UncheckedIOException if the temporary directory cannot be written, or if Felix fails
   */
  public static FelixFramework start(List<BundleActivator> activators) {
    try {
      return started(activators);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FelixFramework started(List<BundleActivator> activators) throws IOException {
    Map<String, Object> configuration = new HashMap<>();
    Path cache = Files.createTempDirectory("longlora-bundles-");
    configuration.putAll(configuration(SystemPackages.header(), cache));
    configuration.put(FelixConstants.SYSTEMBUNDLE_ACTIVATORS_PROP, activators);
    FelixFramework framework = new FelixFramework(new Felix(configuration), cache);
    // A signal ends the process without a close.
    Runtime.getRuntime().addShutdownHook(framework.cleaning);
    try {
      framework.felix.start();
    } catch (BundleException e) {
      framework.close();
      throw new IOException("Felix cannot be started: " + e.getMessage(), e);
    }
    return framework;
  }

  private static Map<String, String> configuration(String systemPackages, Path cache) {
    return Map.of(
        Constants.FRAMEWORK_STORAGE,
        cache.toString(),
        Constants.FRAMEWORK_STORAGE_CLEAN,
        Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT,
        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
        systemPackages,
        // The same plugin in two jars is reported by the names that it binds, not by its own.
        Constants.FRAMEWORK_BSNVERSION,
        Constants.FRAMEWORK_BSNVERSION_MULTIPLE,
        // Felix logs to standard output, which belongs to results; failures reach us as exceptions.
        "felix.log.level",
        "0",
        // A bundle sees what it imports, not whatever the launcher's class path happens to hold.
        "felix.bootdelegation.implicit",
        "false",
        // The JVM has one URL handler factory; it is not ours to take.
        "felix.service.urlhandlers",
        "false");
  }

  /** Installs a jar where it lies, without a copy in the cache. */
  Bundle install(Path jar) throws BundleException {
    return felix.getBundleContext().installBundle("reference:" + jar.toUri());
  }

  /** All bundles, the system bundle included. */
  List<Bundle> bundles() {
    return List.of(felix.getBundleContext().getBundles());
  }

  /** What bundles are told of before the command that caused it goes on. */
  void addListener(SynchronousBundleListener listener) {
    felix.getBundleContext().addBundleListener(listener);
  }

  @Override
  public void close() {
    try {
      felix.stop();
      felix.waitForStop(STOP_TIMEOUT_MILLIS);
    } catch (BundleException e) {
      throw new IllegalStateException("Felix cannot be stopped", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      deleteTree(cache);
      forgetCleaning();
    }
  }

  private void forgetCleaning() {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaning);
    } catch (IllegalStateException e) {
      // The process is on its way out already, and the hook finds nothing left to delete.
    }
  }

  private static void deleteTree(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // Leftovers in the temporary directory are the system's to remove.
    }
  }
}
