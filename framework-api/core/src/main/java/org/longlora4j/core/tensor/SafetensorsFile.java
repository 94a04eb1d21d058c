package org.longlora4j.core.tensor;

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

/** A safetensors file whose tensors are mapped when asked for, never read into the heap. */
public final class SafetensorsFile implements TensorFile {
  private final Path path;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path path, FileChannel channel, SafetensorsHeader header) {
    this.path = path;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a file and checks its head.
   *
   * @param path where it is
   * @return the open file, which the caller closes
   * @throws InvalidInputException if it is missing, truncated or not safetensors
   */
  public static SafetensorsFile open(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new InvalidInputException(
          path + (Files.exists(path) ? " is not a file." : " does not exist."));
    }
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path);
      SafetensorsFile file =
          new SafetensorsFile(path, channel, SafetensorsHeader.read(path, channel));
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
    try {
      return channel
          .map(MapMode.READ_ONLY, header.offsets().get(name) + offset, length)
          .order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be mapped", e);
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }
}
