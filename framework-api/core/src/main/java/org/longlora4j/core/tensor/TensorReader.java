package org.longlora4j.core.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

/** Makes tensors of what a file holds, through a small buffer. */
public final class TensorReader {
  private static final int CHUNK_ELEMENTS = 1 << 22;

  private final Kernels kernels;
  private final int chunkElements;

  /** Compiles the kernels that reading needs. */
  public TensorReader(KernelCompiler compiler) {
    this(compiler, CHUNK_ELEMENTS);
  }

  TensorReader(KernelCompiler compiler, int chunkElements) {
    kernels = compiler.compile(TensorReader.class, "transfer.py");
    this.chunkElements = chunkElements;
  }

  /**
   * Reads a floating-point tensor.
   *
   * @param file an open file
   * @param name a tensor of it, in any floating-point format
   * @param precision the number format wanted
   * @param owner who closes the result
   * @return the tensor in memory of PyTorch's own, which is aligned to 64 bytes
   * @throws InvalidInputException if there is no such tensor or it holds no floating-point numbers
   */
  public NDArray read(TensorFile file, String name, Precision precision, NDManager owner) {
    TensorEntry entry = file.entries().get(name);
    if (entry == null || !entry.type().isFloatingPoint()) {
      throw new InvalidInputException(
          "%s: tensor %s %s."
              .formatted(
                  file.path(),
                  name,
                  entry == null
                      ? "is missing"
                      : "holds " + entry.type() + ", must hold F32, F16, BF16 or F64"));
    }
    try (NDManager scope = owner.newSubManager();
        NDManager cpu = owner.newSubManager(Device.cpu())) {
      long size = entry.shape().size();
      NDArray template = scope.create(0f);
      NDArray flat = kernels.call(scope, format("allocate", precision), template, size);
      NDArray chunk = cpu.create(new Shape(Math.min(size, chunkElements)), DataType.FLOAT32);
      FloatBuffer values = floats(chunk);
      for (long start = 0; start < size; start += chunkElements) {
        int count = (int) Math.min(chunkElements, size - start);
        long bytes = entry.type().bytes();
        widen(file.bytes(name, start * bytes, (int) (count * bytes)), entry, values.clear());
        kernels.call(scope, "put", flat, start, chunk, count).close();
      }
      NDArray shaped = flat.reshape(entry.shape());
      shaped.attach(owner);
      return shaped;
    }
  }

  /** A view of a float32 tensor's memory on the CPU. */
  static FloatBuffer floats(NDArray array) {
    return array.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  private static String format(String method, Precision precision) {
    return method + (precision == Precision.BFLOAT16 ? "_bfloat16" : "_float32");
  }

  private static void widen(ByteBuffer bytes, TensorEntry entry, FloatBuffer target) {
    switch (entry.type()) {
      case F32 -> target.put(bytes.asFloatBuffer());
      case F64 -> {
        while (bytes.hasRemaining()) {
          target.put((float) bytes.getDouble());
        }
      }
      case BF16 -> {
        ShortBuffer bits = bytes.asShortBuffer();
        while (bits.hasRemaining()) {
          target.put(HalfPrecision.fromBfloat16(bits.get()));
        }
      }
      case F16 -> {
        ShortBuffer bits = bytes.asShortBuffer();
        while (bits.hasRemaining()) {
          target.put(HalfPrecision.fromFloat16(bits.get()));
        }
      }
      default -> throw new IllegalArgumentException(entry.type() + " is not floating point");
    }
  }

  /**
   * Reads a tensor of integers, such as token ids.
   *
   * @param file an open file
   * @param name a tensor of it, I64 or I32
   * @return its elements in row-major order
   * @throws InvalidInputException if there is no such tensor, it holds no such integers, or one of
   *     them does not fit an int
   */
  public static int[] readIntegers(TensorFile file, String name) {
    TensorEntry entry = file.entries().get(name);
    ByteBuffer bytes = file.bytes(name);
    int[] values = new int[Math.toIntExact(entry.shape().size())];
    switch (entry.type()) {
      case I64 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = toInt(bytes.getLong(), file, name);
        }
      }
      case I32 -> {
        IntBuffer integers = bytes.asIntBuffer();
        integers.get(values);
      }
      default ->
          throw new InvalidInputException(
              "%s: tensor %s holds %s, must hold I64 or I32."
                  .formatted(file.path(), name, entry.type()));
    }
    return values;
  }

  private static int toInt(long value, TensorFile file, String name) {
    if (value != (int) value) {
      throw new InvalidInputException(
          "%s: tensor %s holds %d, must hold integers of 32 bits."
              .formatted(file.path(), name, value));
    }
    return (int) value;
  }
}
