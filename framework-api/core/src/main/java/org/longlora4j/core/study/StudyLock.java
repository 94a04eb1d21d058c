package org.longlora4j.core.study;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.longlora4j.api.plugin.InvalidInputException;

/** Keeps a study's directory for one process; the operating system releases it at the latest. */
final class StudyLock implements AutoCloseable {
  private final FileChannel channel;

  private StudyLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Takes a directory, which is made if it does not exist.
   *
   * @throws InvalidInputException if another process has it, or it cannot be written
   */
  static StudyLock of(Path directory) {
    try {
      Files.createDirectories(directory);
      FileChannel channel =
          FileChannel.open(
              directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        return new StudyLock(channel);
      }
      channel.close();
    } catch (IOException e) {
      throw new InvalidInputException(
          "output: %s cannot be written: %s. Name another output.".formatted(directory, e), e);
    }
    throw new InvalidInputException(
        "output: another process carries out the study in %s. Wait for its end, or name another output."
            .formatted(directory));
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

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
