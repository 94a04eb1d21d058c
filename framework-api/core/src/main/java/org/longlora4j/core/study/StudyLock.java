package org.longlora4j.core.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.tensor.LockedFile;

/** Keeps a study's directory for one process; the operating system releases it at the latest. */
final class StudyLock implements AutoCloseable {
  private final LockedFile file;

  private StudyLock(LockedFile file) {
    this.file = file;
  }

  /**
   * Takes a directory, which is made if it does not exist.
   *
   * @throws InvalidInputException if another process has it, or it cannot be written
   */
  static StudyLock of(Path directory) {
    try {
      Optional<LockedFile> taken = LockedFile.take(directory.resolve("lock"));
      if (taken.isPresent()) {
        return new StudyLock(taken.orElseThrow());
      }
    } catch (IOException e) {
      throw new InvalidInputException(
          "output: %s cannot be written: %s. Name another output.".formatted(directory, e), e);
    }
    throw new InvalidInputException(
        "output: another process carries out the study in %s. Wait for its end, or name another output."
            .formatted(directory));
  }

  @Override
  public void close() {
    file.close();
  }
}
