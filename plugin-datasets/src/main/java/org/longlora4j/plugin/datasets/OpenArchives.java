package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longlora4j.api.plugin.InvalidInputException;

/** Archives that stay open between reads; of many, those used last. */
final class OpenArchives implements AutoCloseable {
  private static final int MOST = 64; // of a process's open files, of which some systems allow 256

  private final Map<Path, FileSystem> open = new LinkedHashMap<>(MOST, 0.75f, true);

  /**
   * The root folder of an archive, good until another archive is asked for.
   *
   * @throws InvalidInputException if the file is no archive
   */
  Path root(Path archive) {
    FileSystem contents = open.get(archive);
    if (contents == null) {
      closeAllBut(MOST - 1);
      contents = open(archive);
      open.put(archive, contents);
    }
    return contents.getPath("/");
  }

  private static FileSystem open(Path archive) {
    try {
      return FileSystems.newFileSystem(archive, (ClassLoader) null);
    } catch (IOException | ProviderNotFoundException e) {
      throw new InvalidInputException(
          archive + " is no jar or zip file: " + e.getMessage() + ". Leave it out.", e);
    }
  }

  /** Keeps those used last. */
  private void closeAllBut(int count) {
    Iterator<Map.Entry<Path, FileSystem>> longestUnused = open.entrySet().iterator();
    while (open.size() > count) {
      Map.Entry<Path, FileSystem> archive = longestUnused.next();
      SourceFiles.close(archive.getValue(), archive.getKey());
      longestUnused.remove();
    }
  }

  @Override
  public void close() {
    closeAllBut(0);
  }
}
