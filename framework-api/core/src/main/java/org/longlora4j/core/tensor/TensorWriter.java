package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/** Writes tensors into a file in any floating-point format, through a small buffer. */
public final class TensorWriter {
  private static final int CHUNK_ELEMENTS = 1 << 22;

  private final Kernels kernels;
  private final int chunkElements;

  /** Takes the bytes of a tensor, piece by piece. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes the next bytes.
     *
     * @param bytes little-endian elements; consumed
     * @throws IOException if the disk does not take them
     */
    void write(ByteBuffer bytes) throws IOException;
  }

  /** Compiles the kernels that writing needs. */
  public TensorWriter(KernelCompiler compiler) {
    this(compiler, CHUNK_ELEMENTS);
  }

  TensorWriter(KernelCompiler compiler, int chunkElements) {
    this.chunkElements = chunkElements;
    kernels = compiler.compile(TensorReader.class, "transfer.py");
  }

  /**
   * The format in which a tensor is written without loss.
   *
   * @throws IllegalArgumentException if there is none
   */
  static ElementType typeOf(NDArray tensor) {
    return switch (tensor.getDataType()) {
      case FLOAT32 -> ElementType.F32;
      case UINT8 -> ElementType.U8;
      case INT8 -> ElementType.I8;
      case INT32 -> ElementType.I32;
      case INT64 -> ElementType.I64;
      default -> throw new IllegalArgumentException("cannot write " + tensor.getDataType());
    };
  }

  /**
   * Writes all of a tensor.
   *
   * @param tensor on any device; float32 or bfloat16 if {@code type} is a floating-point format
   * @param type the format in the file: any of floating point, or the tensor's own integers
   * @param file where its turn has come
   * @throws IOException if the disk does not take it
   */
  public void write(NDArray tensor, ElementType type, SafetensorsWriter file) throws IOException {
    if (!type.isFloatingPoint()) {
      writeBytes(tensor, file);
      return;
    }
    writeFloats(tensor, type, file::write);
  }

  /**
   * Writes all of a tensor of floating-point numbers.
   *
   * @param tensor on any device; float32 or bfloat16
   * @param type the format that is written
   * @param sink takes the bytes
   * @throws IOException if the disk does not take it
   */
  public void writeFloats(NDArray tensor, ElementType type, Sink sink) throws IOException {
    long size = tensor.size();
    for (long start = 0; start < size; start += chunkElements) {
      long count = Math.min(chunkElements, size - start);
      try (NDManager scope = tensor.getManager().newSubManager()) {
        NDArray chunk = kernels.call(scope, "get", tensor, start, count);
        sink.write(narrow(TensorReader.floats(chunk), type));
      }
    }
  }

  /**
   * Writes a tensor's own bytes.
   *
   * @param tensor of at most 2 GiB, in a format that Java knows
   * @param file where its turn has come
   * @throws IOException if the disk does not take it
   */
  public static void writeBytes(NDArray tensor, SafetensorsWriter file) throws IOException {
    file.write(tensor.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }

  private static ByteBuffer narrow(FloatBuffer values, ElementType type) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.remaining() * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case F32 -> bytes.asFloatBuffer().put(values);
      case F64 -> {
        while (values.hasRemaining()) {
          bytes.putDouble(values.get());
        }
        bytes.flip();
      }
      case BF16 -> {
        ShortBuffer bits = bytes.asShortBuffer();
        while (values.hasRemaining()) {
          bits.put(HalfPrecision.toBfloat16(values.get()));
        }
      }
      case F16 -> {
        ShortBuffer bits = bytes.asShortBuffer();
        while (values.hasRemaining()) {
          bits.put(HalfPrecision.toFloat16(values.get()));
        }
      }
      default -> throw new IllegalArgumentException("cannot write " + type);
    }
    return bytes;
  }
}
