package org.longlora4j.api.plugin;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * A file, a directory, or a glob such as {@code corpus/**}{@code /*.txt}, as a recipe names it.
 *
 * @param base the folder that a relative pattern starts from: the recipe's
 * @param pattern as written, with forward slashes
 */
public record FilePattern(Path base, String pattern) {
  /** Requires both parts. */
  public FilePattern {
    requireNonNull(base, "base is null");
    requireNonNull(pattern, "pattern is null");
  }

  @Override
  public String toString() {
    return pattern;
  }
}
