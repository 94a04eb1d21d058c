package org.longlora4j.core.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.core.tensor.AtomicFile;

/**
 * Writes a GGUF file, version 3, tensor by tensor, none of them held.
 *
 * <p>All shapes are told first, then the bytes of each tensor follow in that order. The file
 * appears under its name only when it is whole and on the disk. The format is the one that ggml
 * publishes in {@code docs/gguf.md}.
 */
final class GgufWriter implements AutoCloseable {
  /** Where tensors begin: at multiples of so many bytes. */
  static final int ALIGNMENT = 32;

  private static final int VERSION = 3;
  private static final byte[] MAGIC = {'G', 'G', 'U', 'F'};

  private final AtomicFile file;
  private final FileChannel channel;
  private final Deque<Map.Entry<String, TensorEntry>> due;
  private String current = "";
  private long missing;

  /**
   * Starts a file.
   *
   * @param path where it will appear
   * @param metadata its keys and values
   * @param tensors every tensor that will follow, in order, of shapes as torch has them
   * @throws IOException if the file cannot be written
   */
  GgufWriter(Path path, GgufMetadata metadata, Map<String, TensorEntry> tensors)
      throws IOException {
    due = new ArrayDeque<>(tensors.entrySet());
    file = new AtomicFile(path);
    channel =
        FileChannel.open(file.temporary(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    writeFully(ByteBuffer.wrap(head(metadata, tensors)));
  }

  private static byte[] head(GgufMetadata metadata, Map<String, TensorEntry> tensors) {
    LittleEndianBytes head = new LittleEndianBytes();
    head.raw(MAGIC);
    head.integer32(VERSION);
    head.integer64(tensors.size());
    head.integer64(metadata.size());
    metadata.write(head);
    long offset = 0;
    for (Map.Entry<String, TensorEntry> tensor : tensors.entrySet()) {
      TensorEntry entry = tensor.getValue();
      long[] shape = entry.shape().getShape();
      head.text(tensor.getKey());
      head.integer32(shape.length);
      for (int i = shape.length - 1; i >= 0; i--) { // ggml names the fastest dimension first
        head.integer64(shape[i]);
      }
      head.integer32(typeNumber(entry.type()));
      head.integer64(offset);
      offset += entry.bytes() + padding(entry.bytes());
    }
    head.pad(ALIGNMENT);
    return head.toArray();
  }

  private static int typeNumber(ElementType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case BF16 -> 30;
      default -> throw new IllegalArgumentException("cannot write " + type);
    };
  }

  private static int padding(long bytes) {
    return (int) Math.floorMod(-bytes, (long) ALIGNMENT);
  }

  /**
   * Goes on to the next tensor.
   *
   * @param name for the check that it is the one due
   * @throws IOException if the disk does not take the padding before it
   * @throws IllegalStateException if it is another, or the tensor before lacks bytes
   */
  void begin(String name) throws IOException {
    finishCurrent();
    Map.Entry<String, TensorEntry> next = due.poll();
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
  void write(ByteBuffer bytes) throws IOException {
    missing -= bytes.remaining();
    if (missing < 0) {
      throw new IllegalStateException(current + " gets more bytes than it has");
    }
    writeFully(bytes);
  }

  private void finishCurrent() throws IOException {
    if (missing != 0) {
      throw new IllegalStateException(current + " lacks " + missing + " bytes");
    }
    writeFully(ByteBuffer.allocate(padding(channel.position())));
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Makes the file appear under its name.
   *
   * @return its size in bytes
   * @throws IOException if the disk does not take it
   * @throws IllegalStateException if a tensor lacks bytes
   */
  long commit() throws IOException {
    finishCurrent();
    if (!due.isEmpty()) {
      throw new IllegalStateException(due.peek().getKey() + " was never written");
    }
    long size = channel.position();
    channel.close();
    file.commit();
    return size;
  }

  /** Throws away what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    file.close();
  }
}
