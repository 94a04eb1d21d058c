package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors' own memory, on the CPU. Every platform that PyTorch is built for is little-endian. */
final class Memory {
  private Memory() {}

  /**
   * A view of a contiguous tensor's memory; what is written to it is written to the tensor.
   *
   * @throws IllegalArgumentException if the tensor does not have that many bytes, in one piece, on
   *     the CPU
   */
  static ByteBuffer of(NDArray tensor, long bytes) {
    ByteBuffer memory = tensor.toByteBuffer(true);
    if (!memory.isDirect() || memory.capacity() != bytes) {
      throw new IllegalArgumentException(
          "a tensor of shape %s on %s has %d bytes of memory in one piece, expected %d"
              .formatted(tensor.getShape(), tensor.getDevice(), memory.capacity(), bytes));
    }
    return memory.order(ByteOrder.LITTLE_ENDIAN);
  }
}
