package org.longlora4j.plugin.datasets;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.longlora4j.api.data.MatchedFiles;
import org.longlora4j.api.plugin.FilePattern;
import org.longlora4j.api.plugin.InvalidInputException;

/** What all sources that read files have in common. */
final class SourceFiles {
  private SourceFiles() {}

  /**
   * Requires a pattern to {@link MatchedFiles match}.
   *
   * @param path the option {@code path}
   * @return a copy
   * @throws IllegalArgumentException if the list is empty
   */
  static List<FilePattern> requirePath(List<FilePattern> path) {
    if (path.isEmpty()) {
      throw new IllegalArgumentException("path is an empty list; name at least one file");
    }
    return List.copyOf(path);
  }

  /**
   * Closes a file that was read.
   *
   * @param open what reads it
   * @param file for the message
   * @throws InvalidInputException if it cannot be closed
   */
  static void close(Closeable open, Path file) {
    try {
      open.close();
    } catch (IOException e) {
      throw new InvalidInputException(file + " cannot be closed: " + e, e);
    }
  }
}
