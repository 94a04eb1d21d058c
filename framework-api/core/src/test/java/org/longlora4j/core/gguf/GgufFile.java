package org.longlora4j.core.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a GGUF file by the published specification alone ({@code docs/gguf.md} of ggml), and checks
 * what that demands of a file.
 */
final class GgufFile {
  private final ByteBuffer bytes;
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private long dataStart;

  /** A tensor info: dimensions as they stand in the file, ggml's number of a type, an offset. */
  record Tensor(List<Long> dimensions, int type, long offset) {
    long elements() {
      return dimensions.stream().reduce(1L, (a, b) -> a * b);
    }

    long size() {
      return elements() * (type == 0 ? 4 : 2);
    }
  }

  private GgufFile(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  static GgufFile read(Path path) throws IOException {
    GgufFile file = new GgufFile(ByteBuffer.wrap(Files.readAllBytes(path)));
    file.readHead();
    return file;
  }

  Map<String, Object> metadata() {
    return metadata;
  }

  Map<String, Tensor> tensors() {
    return tensors;
  }

  private void readHead() {
    byte[] magic = new byte[4];
    bytes.get(magic);
    require(new String(magic, StandardCharsets.US_ASCII).equals("GGUF"), "magic");
    require(bytes.getInt() == 3, "version");
    long tensorCount = bytes.getLong();
    long keyCount = bytes.getLong();
    for (long i = 0; i < keyCount; i++) {
      String key = string();
      require(key.matches("[a-z0-9_]+(\\.[a-z0-9_]+)*"), "key " + key);
      require(metadata.put(key, value(bytes.getInt())) == null, "key once: " + key);
    }
    for (long i = 0; i < tensorCount; i++) {
      String name = string();
      require(name.getBytes(StandardCharsets.UTF_8).length <= 64, "name " + name);
      List<Long> dimensions = new ArrayList<>();
      int count = bytes.getInt();
      for (int d = 0; d < count; d++) {
        dimensions.add(bytes.getLong());
      }
      Tensor tensor = new Tensor(dimensions, bytes.getInt(), bytes.getLong());
      require(tensors.put(name, tensor) == null, "name once: " + name);
    }
    long alignment = ((Number) metadata.getOrDefault("general.alignment", 32L)).longValue();
    require(alignment % 8 == 0, "alignment");
    while (bytes.position() % alignment != 0) {
      require(bytes.get() == 0, "padding of zeros");
    }
    dataStart = bytes.position();
    long end = 0;
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      require(tensor.getValue().offset() == end, "no gap before " + tensor.getKey());
      end += tensor.getValue().size();
      while (end % alignment != 0) {
        require(bytes.get((int) (dataStart + end)) == 0, "padding behind " + tensor.getKey());
        end++;
      }
    }
    require(dataStart + end == bytes.capacity(), "nothing behind the last tensor");
  }

  private static void require(boolean met, String what) {
    if (!met) {
      throw new AssertionError("the specification is not met: " + what);
    }
  }

  private String string() {
    byte[] text = new byte[(int) bytes.getLong()];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private Object value(int type) {
    return switch (type) {
      case 0 -> (long) (bytes.get() & 0xff);
      case 1 -> (long) bytes.get();
      case 2 -> (long) (bytes.getShort() & 0xffff);
      case 3 -> (long) bytes.getShort();
      case 4 -> bytes.getInt() & 0xffffffffL;
      case 5 -> (long) bytes.getInt();
      case 6 -> bytes.getFloat();
      case 7 -> bool(bytes.get());
      case 8 -> string();
      case 9 -> array();
      case 10, 11 -> bytes.getLong();
      case 12 -> bytes.getDouble();
      default -> throw new AssertionError("no such type: " + type);
    };
  }

  private static boolean bool(byte value) {
    require(value == 0 || value == 1, "bool of 0 or 1");
    return value == 1;
  }

  private List<Object> array() {
    int type = bytes.getInt();
    long size = bytes.getLong();
    List<Object> items = new ArrayList<>();
    for (long i = 0; i < size; i++) {
      items.add(value(type));
    }
    return items;
  }

  /** The elements of a tensor, the first dimension of the file running fastest. */
  float[] floats(String name) {
    Tensor tensor = tensors.get(name);
    float[] values = new float[(int) tensor.elements()];
    int start = (int) (dataStart + tensor.offset());
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (tensor.type()) {
            case 0 -> bytes.getFloat(start + 4 * i);
            case 1 -> half(bytes.getShort(start + 2 * i));
            case 30 -> Float.intBitsToFloat(bytes.getShort(start + 2 * i) << 16);
            default -> throw new AssertionError("type " + tensor.type());
          };
    }
    return values;
  }

  /** IEEE 754 binary16, by its definition. */
  private static float half(short bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    float magnitude =
        exponent == 0
            ? Math.scalb((float) fraction, -24)
            : Math.scalb((float) (1024 + fraction), exponent - 25);
    return bits < 0 ? -magnitude : magnitude;
  }
}
