package org.longlora4j.core.checkpoint;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.InvalidInputException;

/** A directory that appears under its name when all of it is written. */
final class AtomicDirectory implements AutoCloseable {
  private final Path target;
  private final Path partial;

  /**
   * Prepares to write.
   *
   * @param target where the directory will appear
   * @throws InvalidInputException if there is something there already
   * @throws IOException if the disk does not take it
   */
  AtomicDirectory(Path target) throws IOException {
    this.target = target.toAbsolutePath();
    if (Files.exists(target)) {
      throw new InvalidInputException(
          target + " exists already. Name another output, or remove it first.");
    }
    Files.createDirectories(this.target.getParent());
    partial = this.target.resolveSibling(this.target.getFileName() + ".partial");
    deleteTree(partial);
    Files.createDirectory(partial);
  }

  /** Where to write. */
  Path path() {
    return partial;
  }

  /** Makes the directory appear. */
  void commit() throws IOException {
    Files.move(partial, target, ATOMIC_MOVE);
  }

  @Override
  public void close() throws IOException {
    deleteTree(partial);
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
