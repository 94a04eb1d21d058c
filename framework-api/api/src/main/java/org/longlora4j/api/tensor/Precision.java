package org.longlora4j.api.tensor;

/**
 * The format of frozen weights, activations and matrix products in a session. Norms, softmax, the
 * loss, trained parameters and their moments are float32 under either.
 */
public enum Precision {
  /** 32-bit floating point, for parity with a reference. */
  FLOAT32(4),
  /** 16-bit brain floating point. */
  BFLOAT16(2);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /** The size of one element. */
  public int bytes() {
    return bytes;
  }
}
