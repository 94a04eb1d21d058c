package org.longlora4j.launcher.osgi;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * A jar by who it says it is and by what is in it.
 *
 * @param name the symbolic name
 * @param version the bundle's version
 * @param sha256 of the whole file, in lower-case hexadecimal digits
 */
public record LockedJar(String name, String version, String sha256)
    implements Comparable<LockedJar> {
  private static final Comparator<LockedJar> ORDER =
      Comparator.comparing(LockedJar::name)
          .thenComparing(LockedJar::version)
          .thenComparing(LockedJar::sha256);

  /** Requires all parts. */
  public LockedJar {
    requireNonNull(name, "name is null");
    requireNonNull(version, "version is null");
    requireNonNull(sha256, "sha256 is null");
  }

  static LockedJar of(Path jar, BundleManifest manifest) {
    try (InputStream file = Files.newInputStream(jar);
        DigestInputStream in = new DigestInputStream(file, MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(OutputStream.nullOutputStream());
      String sha256 = HexFormat.of().formatHex(in.getMessageDigest().digest());
      return new LockedJar(manifest.name(), manifest.version(), sha256);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public int compareTo(LockedJar other) {
    return ORDER.compare(this, other);
  }

  /** The line in the file. */
  @Override
  public String toString() {
    return name + " " + version + " sha256:" + sha256;
  }
}
