package org.longlora4j.api.train;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * A checkpoint that is whole and on the disk.
 *
 * @param step the last step that it holds
 * @param directory where it is
 */
public record CheckpointWritten(int step, Path directory) {
  /** Requires a directory. */
  public CheckpointWritten {
    requireNonNull(directory, "directory is null");
  }
}
