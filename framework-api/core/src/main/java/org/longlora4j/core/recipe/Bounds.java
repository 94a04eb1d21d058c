package org.longlora4j.core.recipe;

import java.math.BigDecimal;
import org.longlora4j.api.plugin.Option;

/** The range of a number, both ends included and either possibly infinite. */
record Bounds(double min, double max) {
  static final Bounds NONE = new Bounds(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  static Bounds of(Option option) {
    return new Bounds(option.min(), option.max());
  }

  boolean contains(double number) {
    return number >= min && number <= max;
  }

  boolean hasMin() {
    return min != Double.NEGATIVE_INFINITY;
  }

  boolean hasMax() {
    return max != Double.POSITIVE_INFINITY;
  }

  /** What a message says after "a number". */
  String describe() {
    if (hasMin() && hasMax()) {
      return " between " + number(min) + " and " + number(max);
    }
    if (hasMin()) {
      return " of at least " + number(min);
    }
    return hasMax() ? " of at most " + number(max) : "";
  }

  /** A bound without a decimal point that says nothing. */
  static BigDecimal number(double bound) {
    BigDecimal exact = BigDecimal.valueOf(bound).stripTrailingZeros();
    return exact.scale() < 0 ? exact.setScale(0) : exact;
  }
}
