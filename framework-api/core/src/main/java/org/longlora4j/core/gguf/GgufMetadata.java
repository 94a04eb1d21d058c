package org.longlora4j.core.gguf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys and values at the head of a GGUF file, each value with its type. */
final class GgufMetadata {
  private static final int UINT8 = 0;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final Map<String, Value> values = new LinkedHashMap<>();

  /** One value. */
  @FunctionalInterface
  private interface Value {
    /** Appends the value behind its type. */
    void write(LittleEndianBytes bytes);
  }

  void text(String key, String value) {
    put(
        key,
        bytes -> {
          bytes.integer32(STRING);
          bytes.text(value);
        });
  }

  /** A number that is not negative. */
  void count(String key, long value) {
    if (value < 0 || value > 0xffffffffL) {
      throw new IllegalArgumentException(key + " is " + value + ", must fit 32 bits unsigned");
    }
    put(
        key,
        bytes -> {
          bytes.integer32(UINT32);
          bytes.integer32((int) value);
        });
  }

  void real(String key, double value) {
    put(
        key,
        bytes -> {
          bytes.integer32(FLOAT32);
          bytes.float32((float) value);
        });
  }

  void flag(String key, boolean value) {
    put(
        key,
        bytes -> {
          bytes.integer32(BOOL);
          bytes.raw(new byte[] {(byte) (value ? 1 : 0)});
        });
  }

  void texts(String key, List<String> items) {
    array(key, STRING, items.size(), bytes -> items.forEach(bytes::text));
  }

  void reals(String key, List<Float> items) {
    array(key, FLOAT32, items.size(), bytes -> items.forEach(bytes::float32));
  }

  void integers(String key, List<Integer> items) {
    array(key, INT32, items.size(), bytes -> items.forEach(bytes::integer32));
  }

  void octets(String key, byte[] items) {
    array(key, UINT8, items.length, bytes -> bytes.raw(items));
  }

  private void array(String key, int type, long size, Value items) {
    put(
        key,
        bytes -> {
          bytes.integer32(ARRAY);
          bytes.integer32(type);
          bytes.integer64(size);
          items.write(bytes);
        });
  }

  private void put(String key, Value value) {
    if (values.putIfAbsent(key, value) != null) {
      throw new IllegalStateException(key + " is there already");
    }
  }

  int size() {
    return values.size();
  }

  void write(LittleEndianBytes bytes) {
    values.forEach(
        (key, value) -> {
          bytes.text(key);
          value.write(bytes);
        });
  }
}
