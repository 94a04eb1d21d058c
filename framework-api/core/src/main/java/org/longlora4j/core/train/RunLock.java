package org.longlora4j.core.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.tensor.LockedFile;

/**
 * Keeps a run directory for one process: two that trained in it would write between each other's
 * lines. The operating system releases it when the process ends, however it ends.
 */
final class RunLock implements AutoCloseable {
  /** Stays when the run is over; that it is there says nothing. */
  static final String FILE = "lock";

  private final Path directory;
  private final boolean made;
  private final LockedFile taken;

  private RunLock(Path directory, boolean made, LockedFile taken) {
    this.directory = directory;
    this.made = made;
    this.taken = taken;
  }

  /**
   * Takes a directory, which is made if it does not exist.
   *
   * @return the lock; empty if another process, or another run of this one, holds it
   */
  static Optional<RunLock> of(Path directory) {
    boolean made = Files.notExists(directory);
    Path file = directory.resolve(FILE);
    try {
      return LockedFile.take(file).map(taken -> new RunLock(directory, made, taken));
    } catch (IOException e) {
      throw new InvalidInputException(
          "output: %s cannot be written, or not be locked: %s. Name another output."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** Gives the directory back. If no run began in it, nothing is left of the lock. */
  @Override
  public void close() {
    taken.close();
    try {
      if (!Files.exists(directory.resolve(RunDirectory.RECIPE))) {
        Files.deleteIfExists(directory.resolve(FILE));
        deleteIfMade();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void deleteIfMade() throws IOException {
    if (!made) {
      return;
    }
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException e) {
      // something was put there meanwhile
    }
  }
}
