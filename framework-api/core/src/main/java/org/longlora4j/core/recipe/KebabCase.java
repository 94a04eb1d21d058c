package org.longlora4j.core.recipe;

import java.util.Locale;
import java.util.regex.Pattern;

/** Names in recipes: lower-case words joined by hyphens. */
final class KebabCase {
  private static final Pattern WORD_START = Pattern.compile("(?<=.)(?=\\p{Upper})");

  private KebabCase() {}

  /** {@code groupRatio} becomes {@code group-ratio}. */
  static String ofComponent(String camelCase) {
    return WORD_START.matcher(camelCase).replaceAll("-").toLowerCase(Locale.ROOT);
  }

  /** {@code CONSTANT_WITH_WARMUP} becomes {@code constant-with-warmup}. */
  static String ofConstant(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
