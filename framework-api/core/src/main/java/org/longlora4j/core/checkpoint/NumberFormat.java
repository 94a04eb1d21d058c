package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import java.util.Locale;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;

/** The number formats that models are exported in. */
public enum NumberFormat {
  /** 32 bits. */
  FLOAT32(ElementType.F32),
  /** 16 bits, of which 5 for the exponent. */
  FLOAT16(ElementType.F16),
  /** 16 bits, of which 8 for the exponent: the upper half of a float32. */
  BFLOAT16(ElementType.BF16);

  /** Half way between the largest float16 and what would come next. */
  private static final float FLOAT16_LIMIT = 65520;

  private final ElementType type;

  NumberFormat(ElementType type) {
    this.type = type;
  }

  /** The format that holds all values of another, or nearly so. */
  public static NumberFormat of(ElementType type) {
    return switch (type) {
      case F16 -> FLOAT16;
      case BF16 -> BFLOAT16;
      default -> FLOAT32;
    };
  }

  /** The format of a file's elements. */
  public ElementType type() {
    return type;
  }

  /** As config.json's {@code dtype} has it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Refuses values that this format would make infinite.
   *
   * @param name of the tensor, for the message
   * @param tensor float32
   * @throws InvalidInputException if there are such values
   */
  public void requireHolds(String name, NDArray tensor) {
    if (this != FLOAT16) {
      return;
    }
    try (NDArray magnitudes = tensor.abs();
        NDArray largest = magnitudes.max()) {
      if (largest.getFloat() >= FLOAT16_LIMIT) {
        throw new InvalidInputException(
            ("tensor %s has a value of magnitude %s, and float16 ends at 65504: export it with"
                    + " --dtype bfloat16 or float32")
                .formatted(name, largest.getFloat()));
      }
    }
  }
}
