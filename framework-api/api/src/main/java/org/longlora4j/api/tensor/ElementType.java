package org.longlora4j.api.tensor;

/** The number formats of a tensor file, by their safetensors names. */
public enum ElementType {
  /** 64-bit floating point. */
  F64(8),
  /** 32-bit floating point. */
  F32(4),
  /** 16-bit IEEE floating point. */
  F16(2),
  /** 16-bit brain floating point: the upper half of an {@link #F32}. */
  BF16(2),
  /** 64-bit signed integer. */
  I64(8),
  /** 32-bit signed integer. */
  I32(4),
  /** 16-bit signed integer. */
  I16(2),
  /** 8-bit signed integer. */
  I8(1),
  /** 8-bit unsigned integer. */
  U8(1),
  /** A truth value in a byte. */
  BOOL(1);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** The size of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is a floating-point format. */
  public boolean isFloatingPoint() {
    return switch (this) {
      case F64, F32, F16, BF16 -> true;
      default -> false;
    };
  }
}
