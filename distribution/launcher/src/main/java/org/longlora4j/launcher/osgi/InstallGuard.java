package org.longlora4j.launcher.osgi;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.SynchronousBundleListener;

/** Uninstalls at once what a lock does not allow, before any of it can run. */
final class InstallGuard implements SynchronousBundleListener {
  private final PluginLock lock;
  private final Consumer<String> warn;

  InstallGuard(PluginLock lock, Consumer<String> warn) {
    this.lock = lock;
    this.warn = warn;
  }

  @Override
  public void bundleChanged(BundleEvent event) {
    if (event.getType() == BundleEvent.INSTALLED || event.getType() == BundleEvent.UPDATED) {
      refusal(event.getBundle()).ifPresent(why -> uninstall(event.getBundle(), why));
    }
  }

  private Optional<String> refusal(Bundle bundle) {
    Path jar = PluginBundles.jar(bundle);
    try {
      return lock.refusal(LockedJar.of(jar, BundleManifest.read(jar)));
    } catch (BundleRefusedException e) {
      return Optional.of(e.getMessage());
    }
  }

  private void uninstall(Bundle bundle, String why) {
    warn.accept("%s is not installed: %s".formatted(bundle.getLocation(), why));
    try {
      bundle.uninstall();
    } catch (BundleException e) {
      throw new IllegalStateException("cannot uninstall " + bundle.getLocation(), e);
    }
  }
}
