package org.longlora4j.core.tensor;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

/**
 * A file that torch.save wrote from a table of tensors: a zip with a pickle, {@code data.pkl}, and
 * an entry for the numbers of each storage. The pickle is interpreted, not executed: see {@link
 * TensorPickle}.
 */
public final class TorchArchive implements TensorFile {
  private static final int MAX_PICKLE_BYTES = 1 << 26;
  private static final String PICKLE = "data.pkl";

  private final Path path;
  private final ZipFile zip;
  private final String folder;
  private final Map<String, TensorPickle.Tensor> tensors;
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

  private TorchArchive(
      Path path, ZipFile zip, String folder, Map<String, TensorPickle.Tensor> tensors) {
    this.path = path;
    this.zip = zip;
    this.folder = folder;
    this.tensors = tensors;
    tensors.forEach(
        (name, tensor) -> entries.put(name, new TensorEntry(tensor.type(), tensor.shape())));
  }

  /**
   * Opens a file and reads its table.
   *
   * @param path where it is
   * @return the open file, which the caller closes
   * @throws InvalidInputException if it is missing, in the format before PyTorch 1.6, or holds
   *     anything but named tensors
   */
  public static TorchArchive open(Path path) {
    ZipFile zip = zip(path);
    boolean opened = false;
    try {
      ZipEntry pickle =
          zip.stream()
              .filter(entry -> entry.getName().matches("[^/]+/" + PICKLE))
              .findFirst()
              .map(ZipEntry.class::cast)
              .orElseThrow(() -> refused(path, "it has no " + PICKLE));
      String name = pickle.getName();
      String folder = name.substring(0, name.length() - PICKLE.length());
      requireLittleEndian(path, zip, folder);
      TorchArchive archive =
          new TorchArchive(path, zip, folder, TensorPickle.read(pickleBytes(path, zip, pickle)));
      archive.tensors.forEach(archive::requireWhole);
      opened = true;
      return archive;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw refused(path, e.getMessage());
    } catch (IOException e) {
      throw new InvalidInputException(path + " cannot be read: " + e.getMessage(), e);
    } finally {
      if (!opened) {
        closeQuietly(zip);
      }
    }
  }

  private static ZipFile zip(Path path) {
    if (!Files.isRegularFile(path)) {
      throw new InvalidInputException(path + " does not exist.");
    }
    try {
      return new ZipFile(path.toFile());
    } catch (ZipException e) {
      throw new InvalidInputException(
          ("%s is no zip, as torch.save has written since PyTorch 1.6: it is broken, or older. An"
                  + " older one is rewritten by: python -c \"import torch; torch.save("
                  + "torch.load('%s', weights_only=True), '%s')\"")
              .formatted(path, path.getFileName(), path.getFileName()),
          e);
    } catch (IOException e) {
      throw new InvalidInputException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static InvalidInputException refused(Path path, String reason) {
    return new InvalidInputException(
        "%s: of a pickle only named tensors are read, but %s. Save the tensors alone, as safetensors"
                .formatted(path, reason)
            + " at best.");
  }

  private static byte[] pickleBytes(Path path, ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes(MAX_PICKLE_BYTES + 1);
      if (bytes.length > MAX_PICKLE_BYTES) {
        throw refused(path, "its table alone has more than " + MAX_PICKLE_BYTES + " bytes");
      }
      return bytes;
    }
  }

  private static void requireLittleEndian(Path path, ZipFile zip, String folder)
      throws IOException {
    ZipEntry order = zip.getEntry(folder + "byteorder");
    if (order != null) {
      try (InputStream in = zip.getInputStream(order)) {
        if (!new String(in.readNBytes(16), US_ASCII).equals("little")) {
          throw refused(path, "its numbers are big-endian");
        }
      }
    }
  }

  private void requireWhole(String name, TensorPickle.Tensor tensor) {
    ZipEntry storage = zip.getEntry(folder + "data/" + tensor.key());
    int size = tensor.type().bytes();
    long end =
        Math.multiplyExact(Math.addExact(tensor.offset(), tensor.shape().size()), (long) size);
    if (storage == null
        || storage.getMethod() != ZipEntry.STORED
        || tensor.offset() < 0
        || end > storage.getSize()) {
      throw refused(path, "the numbers of '" + name + "' are not all there");
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public Map<String, TensorEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  @Override
  public ByteBuffer bytes(String name, long offset, int length) {
    TensorPickle.Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new InvalidInputException(
          path + " has no tensor '" + name + "'; it has " + tensors.keySet());
    }
    Objects.checkFromIndexSize(offset, length, entries.get(name).bytes());
    ZipEntry storage = zip.getEntry(folder + "data/" + tensor.key());
    try (InputStream in = zip.getInputStream(storage)) {
      in.skipNBytes(tensor.offset() * tensor.type().bytes() + offset);
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw refused(path, "the numbers of '" + name + "' are not all there");
      }
      return ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }

  private static void closeQuietly(ZipFile zip) {
    try {
      zip.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    closeQuietly(zip);
  }
}
