package org.longlora4j.core.tensor;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written beside its place, synced, then renamed: at any moment, also after a crash,
 * its place holds either all of it or what was there before.
 */
public final class AtomicFile implements AutoCloseable {
  private final Path target;
  private final Path temporary;

  /**
   * Prepares to write.
   *
   * @param target where the file will appear
   * @throws IOException if an old attempt cannot be cleared away
   */
  public AtomicFile(Path target) throws IOException {
    this.target = target.toAbsolutePath();
    temporary = this.target.resolveSibling(this.target.getFileName() + ".partial");
    Files.deleteIfExists(temporary);
  }

  /**
   * Writes a whole text in UTF-8.
   *
   * @throws IOException if the disk does not take it
   */
  public static void write(Path target, String text) throws IOException {
    try (AtomicFile file = new AtomicFile(target)) {
      Files.writeString(file.temporary, text, StandardCharsets.UTF_8);
      file.commit();
    }
  }

  /** Where to write: beside the file's place. Nothing is there yet. */
  public Path temporary() {
    return temporary;
  }

  /**
   * Syncs and renames what was written to {@link #temporary()}.
   *
   * @throws IOException if the disk does not take it
   */
  public void commit() throws IOException {
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(temporary, target, ATOMIC_MOVE, REPLACE_EXISTING);
    syncDirectory(target.getParent());
  }

  /** Makes renames within a directory last, where the platform can. */
  static void syncDirectory(Path directory) throws IOException {
    if (System.getProperty("os.name").startsWith("Windows")) {
      return; // a directory cannot be opened there, and renames are journalled
    }
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Throws away what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(temporary);
  }
}
