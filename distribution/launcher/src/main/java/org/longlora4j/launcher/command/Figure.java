package org.longlora4j.launcher.command;

import java.util.Locale;

/** The figures of {@code plugins show}, and how people read them. */
final class Figure {
  /** Query and key pairs as a share of those that dense attention has. */
  static final String PAIRS_OF_DENSE = "pairs_of_dense";

  /** Bytes held beyond query, key, value and output, in bfloat16. */
  static final String WORKING_BYTES = "working_bytes";

  /** How many numbers train. */
  static final String TRAINED_PARAMETERS = "trained_parameters";

  /** How many numbers there are, trained or not. */
  static final String PARAMETERS = "parameters";

  /** Bytes of the projections' weights as they are stored. */
  static final String STORED_BYTES = "stored_bytes";

  /** The same in bfloat16. */
  static final String BFLOAT16_BYTES = "bfloat16_bytes";

  private Figure() {}

  static String toText(String figure, Number value) {
    double number = value.doubleValue();
    return switch (figure) {
      case PAIRS_OF_DENSE -> format("%.1f%% of dense's pairs", number * 100);
      case WORKING_BYTES -> format("%.1f MB working memory", number / 1e6);
      case TRAINED_PARAMETERS -> format("%,.0f parameters train", number);
      case PARAMETERS -> format("of %,.0f", number);
      case STORED_BYTES -> format("%.2f GB stored", number / 1e9);
      case BFLOAT16_BYTES -> format("%.2f GB in bfloat16", number / 1e9);
      default -> throw new IllegalArgumentException("unknown figure " + figure);
    };
  }

  private static String format(String pattern, double number) {
    return String.format(Locale.ROOT, pattern, number);
  }
}
