package org.longlora4j.api.tensor;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.types.Shape;

/**
 * What a tensor file says of one tensor.
 *
 * @param type the number format
 * @param shape the dimensions
 */
public record TensorEntry(ElementType type, Shape shape) {
  /** Requires both parts. */
  public TensorEntry {
    requireNonNull(type, "type is null");
    requireNonNull(shape, "shape is null");
  }

  /** The size of the tensor in bytes. */
  public long bytes() {
    return shape.size() * type.bytes();
  }
}
