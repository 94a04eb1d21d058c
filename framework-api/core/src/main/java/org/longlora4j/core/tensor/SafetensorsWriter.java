package org.longlora4j.core.tensor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longlora4j.api.tensor.TensorEntry;

/**
 * Writes a safetensors file tensor by tensor, none of them held.
 *
 * <p>All shapes are told first, since the head comes first; then the bytes of each tensor follow in
 * that order. The file appears under its name only when it is whole and on the disk.
 */
public final class SafetensorsWriter implements AutoCloseable {
  private final AtomicFile file;
  private final FileChannel channel;
  private final Iterator<Map.Entry<String, TensorEntry>> order;
  private String current = "";
  private long missing;

  /**
   * Starts a file.
   *
   * @param path where it will appear
   * @param metadata free-form texts for its head
   * @param entries every tensor that will follow, in order
   * @throws IOException if the file cannot be written
   */
  public SafetensorsWriter(
      Path path, Map<String, String> metadata, Map<String, TensorEntry> entries)
      throws IOException {
    file = new AtomicFile(path);
    channel =
        FileChannel.open(file.temporary(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    order = new LinkedHashMap<>(entries).entrySet().iterator();
    boolean started = false;
    try {
      writeFully(SafetensorsHeader.write(metadata, entries));
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  /**
   * Goes on to the next tensor.
   *
   * @param name its name, which must be the one that is due
   * @throws IllegalStateException if it is not, or the tensor before lacks bytes
   */
  public void begin(String name) {
    requireComplete();
    Map.Entry<String, TensorEntry> next = order.hasNext() ? order.next() : null;
    if (next == null || !next.getKey().equals(name)) {
      throw new IllegalStateException(name + " is not the tensor that is due");
    }
    current = name;
    missing = next.getValue().bytes();
  }

  /**
   * Adds bytes to the current tensor.
   *
   * @param bytes little-endian elements; consumed
   * @throws IOException if the disk does not take them
   * @throws IllegalStateException if the tensor has fewer bytes than that left
   */
  public void write(ByteBuffer bytes) throws IOException {
    missing -= bytes.remaining();
    if (missing < 0) {
      throw new IllegalStateException(current + " gets more bytes than it has");
    }
    writeFully(bytes);
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void requireComplete() {
    if (missing != 0) {
      throw new IllegalStateException(current + " lacks " + missing + " bytes");
    }
  }

  /**
   * Makes the file appear under its name.
   *
   * @throws IOException if the disk does not take it
   * @throws IllegalStateException if a tensor lacks bytes
   */
  public void commit() throws IOException {
    requireComplete();
    if (order.hasNext()) {
      throw new IllegalStateException(order.next().getKey() + " was never written");
    }
    channel.close();
    file.commit();
  }

  /** Throws away what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    file.close();
  }
}
