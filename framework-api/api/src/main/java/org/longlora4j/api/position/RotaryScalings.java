package org.longlora4j.api.position;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the scalings that transformers knows from config.json's entries. */
public final class RotaryScalings {
  private RotaryScalings() {}

  /** The values of {@code rope_type} that {@link #fromConfig} reads. */
  public static List<String> types() {
    return List.of("default", "linear", "dynamic", "yarn", "llama3", "longrope");
  }

  /**
   * Reads a scaling.
   *
   * @param parameters the entries of {@code rope_parameters}, or of the older {@code rope_scaling},
   *     where {@code rope_type} may be spelled {@code type}
   * @return the scaling
   * @throws IllegalArgumentException if the type is unknown or an entry is missing or of a wrong
   *     kind; the message names it
   */
  public static RotaryScaling fromConfig(Map<String, ?> parameters) {
    Entries entries = new Entries(parameters);
    String type =
        entries.text("rope_type").or(() -> entries.text("type")).orElse(UnscaledRotary.TYPE);
    return switch (type) {
      case UnscaledRotary.TYPE -> new UnscaledRotary();
      case LinearScaling.TYPE -> new LinearScaling(entries.required("factor"));
      case DynamicNtkScaling.TYPE -> new DynamicNtkScaling(entries.required("factor"));
      case YarnScaling.TYPE -> YarnScaling.read(entries);
      case Llama3Scaling.TYPE -> Llama3Scaling.read(entries);
      case LongRopeScaling.TYPE, "su" -> LongRopeScaling.read(entries);
      default ->
          throw new IllegalArgumentException(
              "rope_type is '" + type + "', must be one of " + String.join(", ", types()));
    };
  }

  /** Typed access to the entries of one JSON object. */
  record Entries(Map<String, ?> values) {
    Optional<String> text(String key) {
      return Optional.ofNullable(values.get(key)).map(Object::toString);
    }

    Optional<Double> number(String key) {
      Object value = values.get(key);
      if (value == null) {
        return Optional.empty();
      }
      if (value instanceof Number number) {
        return Optional.of(number.doubleValue());
      }
      throw new IllegalArgumentException(key + " is '" + value + "', must be a number");
    }

    double required(String key) {
      return number(key)
          .orElseThrow(() -> new IllegalArgumentException(key + " is missing, must be a number"));
    }

    boolean flag(String key, boolean otherwise) {
      Object value = values.get(key);
      if (value == null) {
        return otherwise;
      }
      if (value instanceof Boolean flag) {
        return flag;
      }
      throw new IllegalArgumentException(key + " is '" + value + "', must be true or false");
    }

    List<Double> numbers(String key) {
      if (values.get(key) instanceof List<?> list
          && list.stream().allMatch(Number.class::isInstance)) {
        return list.stream().map(n -> ((Number) n).doubleValue()).toList();
      }
      throw new IllegalArgumentException(key + " must be a list of numbers");
    }
  }
}
