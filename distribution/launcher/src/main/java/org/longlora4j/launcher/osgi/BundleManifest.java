package org.longlora4j.launcher.osgi;

import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * Who a jar says it is.
 *
 * <p>Read before Felix sees the file: Felix takes a jar without OSGi headers for a bundle of 2003,
 * and its message for a file that is no jar at all names neither.
 *
 * @param name the symbolic name
 * @param version the bundle's version
 */
record BundleManifest(String name, String version) {
  static BundleManifest read(Path file) throws BundleRefusedException {
    try (JarFile jar = new JarFile(file.toFile())) {
      Manifest manifest = jar.getManifest();
      Attributes headers = manifest == null ? new Attributes() : manifest.getMainAttributes();
      String name = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
      if (name == null) {
        throw new BundleRefusedException(
            "it is no OSGi bundle: its manifest has no "
                + Constants.BUNDLE_SYMBOLICNAME
                + ". Build it with bnd-maven-plugin, or keep it out of this directory");
      }
      // Directives such as singleton:=true follow the name.
      return new BundleManifest(name.split(";", 2)[0].strip(), version(headers));
    } catch (IOException e) {
      throw new BundleRefusedException(
          "it cannot be read as a jar (" + e.getMessage() + "). Copy it again", e);
    }
  }

  private static String version(Attributes headers) throws BundleRefusedException {
    String version = headers.getValue(Constants.BUNDLE_VERSION);
    try {
      return Version.parseVersion(version).toString();
    } catch (IllegalArgumentException e) {
      throw new BundleRefusedException(
          "its manifest cannot be used: %s is '%s', must be three numbers and perhaps a word, such"
                  .formatted(Constants.BUNDLE_VERSION, version)
              + " as 1.2.3. Build it with bnd-maven-plugin, which writes it so",
          e);
    }
  }
}
