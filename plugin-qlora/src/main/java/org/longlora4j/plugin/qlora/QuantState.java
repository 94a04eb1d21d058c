package org.longlora4j.plugin.qlora;

import ai.djl.ndarray.types.Shape;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What bitsandbytes says of a weight in four bits: the JSON of its {@code quant_state} tensor.
 *
 * @param type {@code quant_type}
 * @param blockSize how many elements share a scale
 * @param dtype the number format before quantization, as torch names it
 * @param shape of the weight
 * @param nestedOffset {@code nested_offset}, with double quantization
 */
record QuantState(
    String type, int blockSize, String dtype, Shape shape, OptionalDouble nestedOffset) {
  private static final Pattern FIELD =
      Pattern.compile("\"(\\w+)\"\\s*:\\s*(\"[^\"]*\"|\\[[^\\]]*\\]|[^,\\s}]+)");
  private static final int SMALLEST_EXPONENT = -4; // below which Python writes an exponent
  private static final int LARGEST_EXPONENT = 15;

  /**
   * Reads the JSON.
   *
   * @throws IllegalArgumentException if it is not a weight's state, or one of a kind that is not
   *     supported; the message goes on a sentence
   */
  static QuantState parse(String json) {
    Map<String, String> fields = new HashMap<>();
    Matcher matcher = FIELD.matcher(json);
    while (matcher.find()) {
      fields.put(matcher.group(1), matcher.group(2).replaceAll("^\"|\"$", ""));
    }
    try {
      QuantState state =
          new QuantState(
              field(fields, "quant_type"),
              Integer.parseInt(field(fields, "blocksize")),
              field(fields, "dtype"),
              shape(field(fields, "shape")),
              fields.containsKey("nested_offset")
                  ? OptionalDouble.of(Double.parseDouble(fields.get("nested_offset")))
                  : OptionalDouble.empty());
      int nestedBlockSize = BlockScales.Nested.BLOCK_SIZE;
      String nested = fields.getOrDefault("nested_blocksize", "" + nestedBlockSize);
      if (!nested.equals("" + nestedBlockSize)) {
        throw new IllegalArgumentException(
            "has the nested_blocksize %s, must have %d".formatted(nested, nestedBlockSize));
      }
      if (Integer.bitCount(state.blockSize) != 1 || state.blockSize < 2) {
        throw new IllegalArgumentException(
            "has the blocksize %d, must have a power of two".formatted(state.blockSize));
      }
      return state;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("has a number that cannot be read: " + json, e);
    }
  }

  private static String field(Map<String, String> fields, String name) {
    return Optional.ofNullable(fields.get(name))
        .orElseThrow(() -> new IllegalArgumentException("does not say its " + name));
  }

  private static Shape shape(String list) {
    return new Shape(
        Arrays.stream(list.replaceAll("[\\[\\]\\s]", "").split(","))
            .mapToLong(Long::parseLong)
            .toArray());
  }

  /** The JSON, as Python writes it. */
  String toJson() {
    String dimensions =
        Arrays.stream(shape.getShape()).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String nested =
        nestedOffset.isPresent()
            ? ", \"nested_blocksize\": %d, \"nested_dtype\": \"float32\", \"nested_offset\": %s"
                .formatted(BlockScales.Nested.BLOCK_SIZE, number(nestedOffset.getAsDouble()))
            : "";
    return "{\"quant_type\": \"%s\", \"blocksize\": %d, \"dtype\": \"%s\", \"shape\": [%s]%s}"
        .formatted(type, blockSize, dtype, dimensions, nested);
  }

  /** The shortest decimal that reads back as the same number, in Python's notation. */
  private static String number(double value) {
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest = exact;
    for (int digits = 17; digits > 0; digits--) {
      BigDecimal rounded = exact.round(new MathContext(digits));
      if (rounded.doubleValue() != value) {
        break;
      }
      shortest = rounded;
    }
    BigDecimal stripped = shortest.stripTrailingZeros();
    int exponent = stripped.precision() - stripped.scale() - 1;
    if (value != 0 && (exponent < SMALLEST_EXPONENT || exponent > LARGEST_EXPONENT)) {
      String mantissa = stripped.movePointLeft(exponent).toPlainString();
      return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    String plain = stripped.toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }
}
