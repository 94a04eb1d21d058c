package org.longlora4j.core.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * Keeps a run directory for one process: two that trained in it would write between each other's
 * lines. The operating system releases it when the process ends, however it ends.
 */
final class RunLock implements AutoCloseable {
  /** Stays when the run is over; that it is there says nothing. */
  static final String FILE = "lock";

  private final Path directory;
  private final boolean made;
  private final FileChannel channel;

  private RunLock(Path directory, boolean made, FileChannel channel) {
    this.directory = directory;
    this.made = made;
    this.channel = channel;
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
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        return Optional.of(new RunLock(directory, made, channel));
      }
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      throw new InvalidInputException(
          "output: %s cannot be written, or not be locked: %s. Name another output."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  @SuppressWarnings("resource") // closing the channel releases the lock
  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Gives the directory back. If no run began in it, nothing is left of the lock. */
  @Override
  public void close() {
    try {
      channel.close();
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
