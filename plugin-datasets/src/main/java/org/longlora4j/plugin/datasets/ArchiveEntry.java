package org.longlora4j.plugin.datasets;

import java.nio.file.Path;

/**
 * A file within an archive.
 *
 * @param archive the jar or zip file
 * @param file its path within, from the root
 * @param bytes its size, uncompressed
 */
record ArchiveEntry(Path archive, String file, long bytes) {
  @Override
  public String toString() {
    return archive + "!" + file;
  }
}
