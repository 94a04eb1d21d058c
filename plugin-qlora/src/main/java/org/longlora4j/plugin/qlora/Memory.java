package org.longlora4j.plugin.qlora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors' own memory, on the CPU. Every platform that PyTorch is built for is little-endian. */
final class Memory {
  private Memory() {}

  /**
   * A view of a contiguous tensor's memory; what is written to it is written to the tensor.
   *
   * @throws IllegalArgumentException if the tensor is not on the CPU or not of that many bytes
   */
  static ByteBuffer of(NDArray tensor, long bytes) {
    if (!tensor.getDevice().equals(Device.cpu())) {
      throw new IllegalArgumentException(
          "a tensor on " + tensor.getDevice() + " has no memory here, only one on the CPU has");
    }
    ByteBuffer memory = tensor.toByteBuffer(true);
    if (memory.capacity() != bytes) {
      throw new IllegalArgumentException(
          "a tensor of shape %s has %d bytes of memory, expected %d"
              .formatted(tensor.getShape(), memory.capacity(), bytes));
    }
    return memory.order(ByteOrder.LITTLE_ENDIAN);
  }
}
