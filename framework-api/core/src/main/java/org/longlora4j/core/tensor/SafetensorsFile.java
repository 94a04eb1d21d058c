package org.longlora4j.core.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

/** A safetensors file whose tensors are mapped or read when asked for, not before. */
public final class SafetensorsFile implements TensorFile {
  private final Path path;
  private final FileChannel channel;
  private final SafetensorsHeader header;
  private final Access access;

  /** How bytes come from the file. */
  private enum Access {
    /** Straight from the file's pages. */
    MAPPED,
    /** Through a buffer outside the heap. */
    READ
  }

  private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header, Access access) {
    this.path = path;
    this.channel = channel;
    this.header = header;
    this.access = access;
  }

  /**
   * Opens a file and checks its head.
   *
   * @param path where it is
   * @return the open file, which the caller closes
   * @throws InvalidInputException if it is missing, truncated or not safetensors
   */
  public static SafetensorsFile open(Path path) {
    return open(path, Access.MAPPED);
  }

  /**
   * Opens a file that may be deleted as soon as it is closed. Windows does not delete a mapped
   * file, and a mapping lasts until it is collected.
   *
   * @param path where it is
   * @return the open file, which the caller closes; it gives copies of its bytes
   * @throws InvalidInputException if it is missing, truncated or not safetensors
   */
  public static SafetensorsFile openUnmapped(Path path) {
    return open(path, Access.READ);
  }

  private static SafetensorsFile open(Path path, Access access) {
    if (!Files.isRegularFile(path)) {
      throw new InvalidInputException(
          path + (Files.exists(path) ? " is not a file." : " does not exist."));
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path);
      SafetensorsFile file =
          new SafetensorsFile(path, channel, SafetensorsHeader.read(path, channel), access);
      channel = null;
      return file;
    } catch (IOException e) {
      throw new InvalidInputException(path + " cannot be read: " + e.getMessage(), e);
    } finally {
      closeQuietly(channel);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  @Override
  public Map<String, TensorEntry> entries() {
    return Collections.unmodifiableMap(header.entries());
  }

  @Override
  public ByteBuffer bytes(String name, long offset, int length) {
    TensorEntry entry = header.entries().get(name);
    if (entry == null) {
      throw new InvalidInputException(
          path + " has no tensor '" + name + "'; it has " + header.entries().keySet());
    }
    Objects.checkFromIndexSize(offset, length, entry.bytes());
    long position = header.offsets().get(name) + offset;
    try {
      ByteBuffer bytes =
          access == Access.MAPPED
              ? channel.map(MapMode.READ_ONLY, position, length)
              : read(position, length);
      return bytes.order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }

  private ByteBuffer read(long position, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException(path + " ends before the tensor that its head describes");
      }
    }
    return bytes.flip().asReadOnlyBuffer();
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }
}
