package org.longlora4j.core.tensor;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * A directory that is written beside its place, then renamed: under its name there is either all of
 * it or nothing.
 */
public final class AtomicDirectory implements AutoCloseable {
  private final Path target;
  private final Path partial;

  /**
   * Prepares to write.
   *
   * @param target where the directory will appear; what is there is replaced
   * @param partial where it is written, beside the target; what an old attempt left there is
   *     cleared away
   * @throws IOException if the disk does not take it
   */
  public AtomicDirectory(Path target, Path partial) throws IOException {
    this.target = target.toAbsolutePath();
    this.partial = partial.toAbsolutePath();
    delete(this.partial);
    Files.createDirectories(this.partial);
  }

  /**
   * Prepares to write a directory that replaces nothing.
   *
   * @param target where it will appear
   * @throws InvalidInputException if there is something already, or it lies below a file
   * @throws IOException if the disk does not take it
   */
  public static AtomicDirectory forNew(Path target) throws IOException {
    if (Files.exists(target)) {
      throw new InvalidInputException(
          target + " exists already. Name another output, or remove it first.");
    }
    requirePlace(target);
    return new AtomicDirectory(target, target.resolveSibling(target.getFileName() + ".partial"));
  }

  /**
   * Checks that a directory can be made, as far as can be seen without making it.
   *
   * @param target does not exist
   * @throws InvalidInputException if it lies below a file
   */
  public static void requirePlace(Path target) {
    Path above = target.toAbsolutePath();
    while (above != null && Files.notExists(above)) {
      above = above.getParent();
    }
    if (above != null && !Files.isDirectory(above)) {
      throw new InvalidInputException(
          "output: %s lies below %s, which is a file. Name another output."
              .formatted(target, above));
    }
  }

  /** Where to write. */
  public Path path() {
    return partial;
  }

  /**
   * Makes the directory appear. Its files must be on the disk already, as {@link AtomicFile} and
   * {@link SafetensorsWriter} leave them.
   *
   * @throws IOException if the disk does not take it
   */
  public void commit() throws IOException {
    delete(target);
    Files.move(partial, target, ATOMIC_MOVE);
    AtomicFile.syncDirectory(target.getParent());
  }

  /** Throws away what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    delete(partial);
  }

  /**
   * Deletes a directory and all that is in it, if it exists.
   *
   * @throws IOException if something in it cannot be deleted
   */
  public static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
