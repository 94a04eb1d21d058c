package org.longlora4j.launcher.osgi;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory of plugin jars, looked at from outside: nothing in them is run.
 *
 * @param path may be missing, which is as good as empty
 */
public record PluginDirectory(Path path) {
  /**
   * What lies in a directory.
   *
   * @param jars those that say who they are, in the order of their files' names
   * @param problems those that do not
   */
  public record Content(List<LockedJar> jars, List<PluginProblem> problems) {
    /** Copies the lists. */
    public Content {
      jars = List.copyOf(jars);
      problems = List.copyOf(problems);
    }
  }

  /** Requires the path. */
  public PluginDirectory {
    requireNonNull(path, "path is null");
  }

  /** Its {@code *.jar} files, in the order of their names. */
  List<Path> jars() {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.getFileName().toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it holds no jar. */
  public boolean isEmpty() {
    return jars().isEmpty();
  }

  /** Reads manifests and computes hashes. */
  public Content content() {
    List<LockedJar> jars = new ArrayList<>();
    List<PluginProblem> problems = new ArrayList<>();
    for (Path jar : jars()) {
      try {
        jars.add(LockedJar.of(jar, BundleManifest.read(jar)));
      } catch (BundleRefusedException e) {
        String file = jar.getFileName().toString();
        problems.add(new PluginProblem(file, "", jar, ApiRange.UNKNOWN, e.getMessage()));
      }
    }
    return new Content(jars, problems);
  }
}
