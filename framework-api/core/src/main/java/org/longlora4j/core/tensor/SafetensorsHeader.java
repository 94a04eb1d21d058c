package org.longlora4j.core.tensor;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;

/**
 * The head of a safetensors file: eight bytes of length, then JSON that describes every tensor.
 *
 * @param metadata free-form texts
 * @param entries type and shape of every tensor, in the order of the JSON
 * @param offsets where each tensor starts, from the file's first byte
 */
record SafetensorsHeader(
    Map<String, String> metadata, Map<String, TensorEntry> entries, Map<String, Long> offsets) {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();
  private static final int LENGTH_BYTES = 8;
  private static final long MAX_HEADER_BYTES = 100_000_000; // the reference implementation's limit
  private static final String METADATA = "__metadata__";

  /** Reads and checks a file's head. */
  static SafetensorsHeader read(Path file, FileChannel channel) throws IOException {
    long fileBytes = channel.size();
    long headerBytes = headerBytes(file, channel, fileBytes);
    ByteBuffer json = readFully(channel, LENGTH_BYTES, (int) headerBytes);
    JsonNode root;
    try {
      root = JSON.readTree(StandardCharsets.UTF_8.decode(json).toString());
    } catch (JsonProcessingException e) {
      throw broken(file, "its header is not JSON (" + e.getOriginalMessage() + ")");
    }
    if (!root.isObject()) {
      throw broken(file, "its header is not a JSON object");
    }
    return new Parser(file, LENGTH_BYTES + headerBytes, fileBytes).parse((ObjectNode) root);
  }

  private static long headerBytes(Path file, FileChannel channel, long fileBytes)
      throws IOException {
    if (fileBytes < LENGTH_BYTES) {
      throw broken(file, "it has " + fileBytes + " bytes; even an empty one has more than 8");
    }
    ByteBuffer start = readFully(channel, 0, LENGTH_BYTES);
    long headerBytes = start.order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
      // A pickle's or zip's first bytes make such a length; a length that is possible may begin
      // with the same byte, so it is not asked before.
      if (start.get(0) == (byte) 0x80 || (start.get(0) == 'P' && start.get(1) == 'K')) {
        throw new InvalidInputException(
            file
                + " is a pickle, as torch.save writes it, and is not read: loading one can run any"
                + " code. Convert it to safetensors first.");
      }
      if (StandardCharsets.US_ASCII.decode(start).toString().equals("version ")) {
        throw new InvalidInputException(
            file
                + " is a Git LFS pointer, not the file itself. Fetch it by git lfs pull, or download"
                + " it again.");
      }
      throw broken(file, "its first 8 bytes give a header of " + headerBytes + " bytes");
    }
    if (LENGTH_BYTES + headerBytes > fileBytes) {
      throw broken(
          file,
          "it is truncated: the header alone needs %d bytes, the file has %d"
              .formatted(LENGTH_BYTES + headerBytes, fileBytes));
    }
    return headerBytes;
  }

  private static ByteBuffer readFully(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("file ended while it was being read");
      }
    }
    return buffer.flip();
  }

  /**
   * The head as bytes, for tensors that follow one another in the order of {@code entries}.
   *
   * @param leastBytes how long it becomes at least, with spaces at its end; a multiple of 8
   */
  static ByteBuffer write(
      Map<String, String> metadata, Map<String, TensorEntry> entries, int leastBytes) {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      metadata.forEach(root.putObject(METADATA)::put);
    }
    long offset = 0;
    for (Map.Entry<String, TensorEntry> entry : entries.entrySet()) {
      ObjectNode tensor = root.putObject(entry.getKey());
      tensor.put("dtype", entry.getValue().type().name());
      ArrayNode shape = tensor.putArray("shape");
      for (long dimension : entry.getValue().shape().getShape()) {
        shape.add(dimension);
      }
      long end = offset + entry.getValue().bytes();
      tensor.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8; // tensors start on a multiple of 8
    padded = Math.max(padded, leastBytes - LENGTH_BYTES);
    ByteBuffer head = ByteBuffer.allocate(LENGTH_BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    return head.flip();
  }

  private static InvalidInputException broken(Path file, String why) {
    return new InvalidInputException(file + " is not a whole safetensors file: " + why + ".");
  }

  /** Where a tensor lies, from the first byte of the data. */
  private record Range(String name, long begin, long end) {}

  /** Reads the JSON and checks it against the size of the file. */
  private record Parser(Path file, long dataStart, long fileBytes) {
    SafetensorsHeader parse(ObjectNode root) {
      Map<String, String> metadata = new LinkedHashMap<>();
      Map<String, TensorEntry> entries = new LinkedHashMap<>();
      Map<String, Long> offsets = new LinkedHashMap<>();
      List<Range> ranges = new ArrayList<>();
      for (Map.Entry<String, JsonNode> field : root.properties()) {
        if (field.getKey().equals(METADATA)) {
          field
              .getValue()
              .properties()
              .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
          continue;
        }
        TensorEntry entry = entry(field.getKey(), field.getValue());
        Range range = range(field.getKey(), field.getValue(), entry);
        entries.put(field.getKey(), entry);
        offsets.put(field.getKey(), dataStart + range.begin());
        ranges.add(range);
      }
      checkCoverage(ranges);
      return new SafetensorsHeader(metadata, entries, offsets);
    }

    private TensorEntry entry(String name, JsonNode node) {
      return new TensorEntry(type(name, node), shape(name, node));
    }

    private ElementType type(String name, JsonNode node) {
      String dtype = node.path("dtype").asText();
      return Optional.of(dtype)
          .flatMap(Parser::typeNamed)
          .orElseThrow(
              () -> broken(file, "tensor " + name + " has the unknown dtype '" + dtype + "'"));
    }

    private static Optional<ElementType> typeNamed(String name) {
      for (ElementType type : ElementType.values()) {
        if (type.name().equals(name)) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    }

    private Shape shape(String name, JsonNode node) {
      JsonNode shape = node.path("shape");
      if (!shape.isArray()) {
        throw broken(file, "tensor " + name + " has no shape");
      }
      long[] dimensions = new long[shape.size()];
      long size = 8; // the widest element
      for (int i = 0; i < dimensions.length; i++) {
        dimensions[i] = whole(shape.get(i));
        if (dimensions[i] < 0 || dimensions[i] > Long.MAX_VALUE / size) {
          throw broken(file, "tensor " + name + " has the shape " + shape);
        }
        size *= Math.max(1, dimensions[i]);
      }
      return new Shape(dimensions);
    }

    /** A number of the JSON; -1 if it is not a whole one, or too large for any file. */
    private static long whole(JsonNode node) {
      return node.isIntegralNumber() && node.canConvertToLong() ? node.asLong() : -1;
    }

    private Range range(String name, JsonNode node, TensorEntry entry) {
      JsonNode offsets = node.path("data_offsets");
      long begin = whole(offsets.path(0));
      long end = whole(offsets.path(1));
      if (offsets.size() != 2 || begin < 0 || end - begin != entry.bytes()) {
        throw broken(
            file,
            "tensor %s of %s %s needs %d bytes, its data_offsets are %s"
                .formatted(name, entry.type(), entry.shape(), entry.bytes(), offsets));
      }
      return new Range(name, begin, end);
    }

    /** Tensors must follow one another without holes or overlaps up to the end of the file. */
    private void checkCoverage(List<Range> ranges) {
      ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
      long end = 0;
      for (Range range : ranges) {
        if (range.begin() != end) {
          throw broken(
              file,
              "tensor %s starts at byte %d of the data, %s byte %d"
                  .formatted(
                      range.name(),
                      range.begin(),
                      range.begin() < end
                          ? "inside another that ends at"
                          : "which leaves a hole from",
                      end));
        }
        end = range.end();
      }
      if (dataStart + end != fileBytes) {
        String what = dataStart + end > fileBytes ? "it is truncated: " : "it is too long: ";
        throw broken(
            file,
            what
                + "the header describes "
                + (dataStart + end)
                + " bytes, the file has "
                + fileBytes);
      }
    }
  }
}
