package org.longlora4j.launcher.osgi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;

/**
 * Tells a bundle from any other jar.
 *
 * <p>Felix takes a jar without OSGi headers for a bundle of 2003, and its message for a file that
 * is no jar at all names neither.
 */
final class BundleManifest {
  private BundleManifest() {}

  static void check(Path file) throws BundleRefusedException {
    try (JarFile jar = new JarFile(file.toFile())) {
      Manifest manifest = jar.getManifest();
      if (manifest == null
          || manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) == null) {
        throw new BundleRefusedException(
            "it is no OSGi bundle: its manifest has no "
                + Constants.BUNDLE_SYMBOLICNAME
                + ". Build it with bnd-maven-plugin, or keep it out of this directory");
      }
    } catch (IOException e) {
      throw new BundleRefusedException(
          "it cannot be read as a jar (" + e.getMessage() + "). Copy it again", e);
    }
  }
}
