package org.longlora4j.plugin.qlora;

/** The 16-bit brain floating-point number: the upper half of a float32. */
final class Bfloat16 {
  private Bfloat16() {}

  /** A finite number, rounded to the nearest, ties to even, in the lower half of the result. */
  static int bits(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
}
