package org.longlora4j.core.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Growing bytes that numbers and texts are appended to as GGUF spells them. */
final class LittleEndianBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  void integer32(int value) {
    number(value, Integer.BYTES);
  }

  void integer64(long value) {
    number(value, Long.BYTES);
  }

  void float32(float value) {
    integer32(Float.floatToRawIntBits(value));
  }

  void raw(byte[] value) {
    bytes.writeBytes(value);
  }

  /** A length in bytes, and UTF-8. */
  void text(String value) {
    byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
    integer64(encoded.length);
    raw(encoded);
  }

  /** Zeros up to a multiple of {@code alignment}. */
  void pad(int alignment) {
    raw(new byte[Math.floorMod(-bytes.size(), alignment)]);
  }

  byte[] toArray() {
    return bytes.toByteArray();
  }

  private void number(long value, int size) {
    for (int i = 0; i < size; i++) {
      bytes.write((byte) (value >>> (Byte.SIZE * i)));
    }
  }
}
