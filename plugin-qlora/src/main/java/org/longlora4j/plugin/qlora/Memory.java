package org.longlora4j.plugin.qlora;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.BiFunction;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.TensorSource;

/** Tensors' own memory, on the CPU. Every platform that PyTorch is built for is little-endian. */
final class Memory {
  /** What fits into one buffer as float32. */
  private static final long MAX_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

  private static final int COPY_BYTES = 1 << 24;

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

  /** Gives a tensor to an owner, on the owner's device. */
  static NDArray handOver(NDArray tensor, NDManager owner) {
    NDArray moved = tensor.toDevice(owner.getDevice(), false);
    moved.attach(owner);
    return moved;
  }

  /**
   * Works on a weight on the CPU, whatever device it is on.
   *
   * @param quantizer whose work it is, for messages
   * @param work takes the weight and the owner of what is needed on the way
   * @throws InvalidInputException if the weight has 2 GiB or more
   */
  static <T> T onCpu(
      String quantizer,
      ModelModule module,
      NDArray weight,
      NDManager owner,
      BiFunction<NDArray, NDManager, T> work) {
    if (weight.size() > MAX_ELEMENTS) {
      throw new InvalidInputException(
          "%s has a weight of shape %s, %d elements; %s stores at most %d in one weight. Use"
                  .formatted(
                      module.name(), weight.getShape(), weight.size(), quantizer, MAX_ELEMENTS)
              + " `quantization: none` for this model.");
    }
    try (NDManager scope = owner.newSubManager(Device.cpu())) {
      NDArray source = weight.toDevice(Device.cpu(), false);
      try {
        return work.apply(source, scope);
      } finally {
        if (source != weight) {
          source.close();
        }
      }
    }
  }

  /**
   * Copies a tensor of a checkpoint as it is.
   *
   * @param shape the shape wanted, of as many bytes
   * @param type the number format of its bytes
   */
  static NDArray read(
      TensorSource checkpoint, String name, Shape shape, DataType type, NDManager owner) {
    try (NDManager scope = owner.newSubManager(Device.cpu())) {
      NDArray tensor = scope.create(shape, type);
      long size = checkpoint.entries().get(name).bytes();
      ByteBuffer memory = of(tensor, size);
      for (long start = 0; start < size; start += COPY_BYTES) {
        memory.put(checkpoint.bytes(name, start, (int) Math.min(COPY_BYTES, size - start)));
      }
      return handOver(tensor, owner);
    }
  }
}
