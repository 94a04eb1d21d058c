package org.longlora4j.launcher.osgi;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/**
 * The jar, or the folder of classes, that a class of the launcher's class path comes from.
 *
 * @param path the jar or folder
 */
record ClassPathEntry(Path path) {
  static ClassPathEntry of(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new IllegalStateException(type.getName() + " comes from no jar");
    }
    try {
      return new ClassPathEntry(Path.of(source.getLocation().toURI()));
    } catch (URISyntaxException e) {
      throw new IllegalStateException(source.getLocation() + " is not a path", e);
    }
  }

  /** The value of a main attribute of the manifest, which must be there. */
  String attribute(String name) throws IOException {
    String value = manifest().getMainAttributes().getValue(name);
    if (value == null) {
      throw new IOException("The manifest of " + path + " has no " + name + ".");
    }
    return value;
  }

  private Manifest manifest() throws IOException {
    if (Files.isDirectory(path)) {
      try (InputStream in = Files.newInputStream(path.resolve(JarFile.MANIFEST_NAME))) {
        return new Manifest(in);
      }
    }
    try (JarFile jar = new JarFile(path.toFile())) {
      Manifest manifest = jar.getManifest();
      return manifest == null ? new Manifest() : manifest;
    }
  }

  /** The packages of a jar's classes, sorted. */
  Set<String> packages() throws IOException {
    try (JarFile jar = new JarFile(path.toFile())) {
      Set<String> packages = new TreeSet<>();
      jar.stream()
          .map(ZipEntry::getName)
          .filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/"))
          .filter(name -> name.indexOf('/') > 0)
          .map(name -> name.substring(0, name.lastIndexOf('/')).replace('/', '.'))
          .forEach(packages::add);
      return packages;
    }
  }
}
