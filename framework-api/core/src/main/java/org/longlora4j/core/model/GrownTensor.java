package org.longlora4j.core.model;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.HalfPrecision;

/**
 * A matrix of a checkpoint with rows added, each the mean of those that are there: the embeddings
 * or the head of a model that learns new tokens. The mean is summed in 64 bits and rounded to the
 * file's number format.
 */
final class GrownTensor implements TensorFile {
  private static final int READ_BYTES = 1 << 22;

  private final TensorFile file;
  private final String name;
  private final TensorEntry entry;
  private final long oldBytes;
  private ByteBuffer mean; // of a row, once it is asked for

  /**
   * Adds rows.
   *
   * @param file holds the matrix; its owner closes it
   * @param name of the matrix, floating-point, shape (rows, width)
   * @param rows how many there are with the new ones
   */
  GrownTensor(TensorFile file, String name, long rows) {
    this.file = file;
    this.name = name;
    TensorEntry old = file.entries().get(name);
    this.oldBytes = old.bytes();
    this.entry = new TensorEntry(old.type(), new Shape(rows, old.shape().get(1)));
    this.mean = ByteBuffer.allocate(0);
  }

  @Override
  public Path path() {
    return file.path();
  }

  @Override
  public Map<String, String> metadata() {
    return file.metadata();
  }

  @Override
  public Map<String, TensorEntry> entries() {
    return Map.of(name, entry);
  }

  @Override
  public ByteBuffer bytes(String tensor, long offset, int length) {
    Objects.checkFromIndexSize(offset, length, entry.bytes());
    if (offset + length <= oldBytes) {
      return file.bytes(name, offset, length);
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    if (offset < oldBytes) {
      bytes.put(file.bytes(name, offset, (int) (oldBytes - offset)));
    }
    ByteBuffer row = mean();
    while (bytes.hasRemaining()) {
      bytes.put(row.get((int) ((offset + bytes.position() - oldBytes) % row.limit())));
    }
    return bytes.flip();
  }

  private ByteBuffer mean() {
    if (mean.capacity() > 0) {
      return mean;
    }
    int width = (int) entry.shape().get(1);
    int rowBytes = width * entry.type().bytes();
    int step = Math.max(1, READ_BYTES / rowBytes) * rowBytes;
    double[] sums = new double[width];
    for (long start = 0; start < oldBytes; start += step) {
      ByteBuffer rows = file.bytes(name, start, (int) Math.min(step, oldBytes - start));
      for (int i = 0; rows.hasRemaining(); i = (i + 1) % width) {
        sums[i] += next(rows, entry.type());
      }
    }
    long rows = oldBytes / rowBytes;
    ByteBuffer row = ByteBuffer.allocate(rowBytes).order(ByteOrder.LITTLE_ENDIAN);
    for (double sum : sums) {
      put(row, entry.type(), sum / rows);
    }
    mean = row.flip();
    return mean;
  }

  private static double next(ByteBuffer bytes, ElementType type) {
    return switch (type) {
      case F64 -> bytes.getDouble();
      case F32 -> bytes.getFloat();
      case F16 -> HalfPrecision.fromFloat16(bytes.getShort());
      case BF16 -> HalfPrecision.fromBfloat16(bytes.getShort());
      default -> throw new IllegalArgumentException(type + " is not floating point");
    };
  }

  private static void put(ByteBuffer bytes, ElementType type, double value) {
    switch (type) {
      case F64 -> bytes.putDouble(value);
      case F32 -> bytes.putFloat((float) value);
      case F16 -> bytes.putShort(HalfPrecision.toFloat16((float) value));
      case BF16 -> bytes.putShort(HalfPrecision.toBfloat16((float) value));
      default -> throw new IllegalArgumentException(type + " is not floating point");
    }
  }

  @Override
  public void close() {
    // the file's owner closes it
  }
}
