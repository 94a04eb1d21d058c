package org.longlora4j.plugin.datasets;

import java.nio.file.Path;
import org.longlora4j.api.data.TextPieces;

/**
 * A file within an archive.
 *
 * @param archive the jar or zip file
 * @param file its path within, from the root
 * @param bytes its size, uncompressed
 */
record ArchiveEntry(Path archive, String file, long bytes) {
  /** Tells without reading: no character of UTF-8 takes less than a byte. */
  boolean isOnePiece() {
    return bytes <= TextPieces.MAX_CHARACTERS;
  }

  @Override
  public String toString() {
    return archive + "!" + file;
  }
}
