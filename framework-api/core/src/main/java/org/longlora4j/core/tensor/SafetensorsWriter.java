package org.longlora4j.core.tensor;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;

/**
 * Writes a safetensors file tensor by tensor, none of them held.
 *
 * <p>All shapes are told first, then the bytes of each tensor follow, in any order of the tensors.
 * In the file those of wider elements come first and keep their order otherwise, so that each lies
 * on a multiple of its element's size, as the reference implementation writes them. Texts, whose
 * length is told with them, come last. The file appears under its name only when it is whole and on
 * the disk.
 */
public final class SafetensorsWriter implements AutoCloseable {
  /** The longest text, in bytes. */
  public static final int MAX_TEXT_BYTES = 1 << 16;

  private final AtomicFile file;
  private final FileChannel channel;
  private final Map<String, String> metadata;
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
  private final Map<String, Long> due = new LinkedHashMap<>(); // where each tensor starts
  private final Map<String, byte[]> texts = new LinkedHashMap<>();
  private final Set<String> dueTexts;
  private final int headBytes;
  private String current = "";
  private long position;
  private long missing;

  /**
   * Starts a file.
   *
   * @param path where it will appear
   * @param metadata free-form texts for its head
   * @param entries every tensor that will follow
   * @throws IOException if the file cannot be written
   */
  public SafetensorsWriter(
      Path path, Map<String, String> metadata, Map<String, TensorEntry> entries)
      throws IOException {
    this(path, metadata, entries, Set.of());
  }

  /**
   * Starts a file that holds texts too: tensors of their bytes.
   *
   * @param path where it will appear
   * @param metadata free-form texts for its head
   * @param entries every other tensor that will follow
   * @param texts the names of the texts that will follow
   * @throws IOException if the file cannot be written
   */
  public SafetensorsWriter(
      Path path, Map<String, String> metadata, Map<String, TensorEntry> entries, Set<String> texts)
      throws IOException {
    this.metadata = new LinkedHashMap<>(metadata);
    entries.entrySet().stream()
        .sorted(Comparator.comparing(entry -> -entry.getValue().type().bytes()))
        .forEach(entry -> this.entries.put(entry.getKey(), entry.getValue()));
    dueTexts = new TreeSet<>(texts);
    headBytes = largestHead(this.metadata);
    position = headBytes;
    this.entries.forEach(
        (name, entry) -> {
          due.put(name, position);
          position += entry.bytes();
        });
    file = new AtomicFile(path);
    channel =
        FileChannel.open(file.temporary(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** The size of a head under which any texts fit. */
  private int largestHead(Map<String, String> metadata) {
    Map<String, TensorEntry> all = new LinkedHashMap<>(entries);
    dueTexts.forEach(name -> all.put(name, text(MAX_TEXT_BYTES)));
    return SafetensorsHeader.write(metadata, all, 0).remaining();
  }

  private static TensorEntry text(int bytes) {
    return new TensorEntry(ElementType.U8, new Shape(bytes));
  }

  /**
   * Goes on to a tensor.
   *
   * @param name one that was announced and has not come yet
   * @throws IllegalStateException if it is another, or the tensor before lacks bytes
   */
  public void begin(String name) {
    requireComplete();
    Long start = due.remove(name);
    if (start == null) {
      throw new IllegalStateException(name + " is not a tensor that is due");
    }
    current = name;
    position = start;
    missing = entries.get(name).bytes();
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

  /**
   * Adds a text.
   *
   * @param name one that was announced and has not come yet
   * @param bytes its bytes
   * @throws IllegalStateException if it is another, or longer than {@link #MAX_TEXT_BYTES}
   */
  public void text(String name, byte[] bytes) {
    if (!dueTexts.remove(name) || bytes.length > MAX_TEXT_BYTES) {
      throw new IllegalStateException(name + " is not a text that is due, or is too long");
    }
    texts.put(name, bytes.clone());
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
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
    Stream.concat(due.keySet().stream(), dueTexts.stream())
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalStateException(name + " was never written");
            });
    position = headBytes + entries.values().stream().mapToLong(TensorEntry::bytes).sum();
    for (Map.Entry<String, byte[]> entry : texts.entrySet()) {
      entries.put(entry.getKey(), text(entry.getValue().length));
      writeFully(ByteBuffer.wrap(entry.getValue()));
    }
    position = 0;
    writeFully(SafetensorsHeader.write(metadata, entries, headBytes));
    channel.close();
    file.commit();
  }

  /** What the file holds, in the order of its head; texts are among it once they are committed. */
  public Map<String, TensorEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** Throws away what was written, unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    file.close();
  }
}
