package org.longlora4j.core.report;

import java.util.Locale;

/** How numbers are written for people. */
final class Figures {
  private Figures() {}

  /** Four significant digits, without zeros at the end; powers of ten for the very small. */
  static String number(double value) {
    if (!Double.isFinite(value)) {
      return "not finite";
    }
    double size = Math.abs(value);
    if (size != 0 && size < 1e-2) {
      String[] parts = String.format(Locale.ROOT, "%.3e", value).split("e", -1);
      return withoutTrailingZeros(parts[0]) + "e" + Integer.parseInt(parts[1]);
    }
    if (size >= 1000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    int decimals = size == 0 ? 0 : Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
    return withoutTrailingZeros(String.format(Locale.ROOT, "%." + decimals + "f", value));
  }

  private static String withoutTrailingZeros(String text) {
    return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
  }

  /** A loss in nats, so that losses stand under each other. */
  static String loss(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** A count with thousands apart. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Decimal units, as everywhere in the framework. */
  static String bytes(double bytes) {
    if (bytes >= 1e9) {
      return String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
    }
    return bytes >= 1e6
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.1f kB", bytes / 1e3);
  }

  static String percent(double share) {
    String format = share > 0 && share < 0.0995 ? "%.1f %%" : "%.0f %%";
    return String.format(Locale.ROOT, format, 100 * share);
  }

  static String duration(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? "%d min %d s".formatted(whole / 60, whole % 60)
        : "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
  }

  /** A coordinate in a drawing. */
  static String coordinate(double value) {
    return withoutTrailingZeros(String.format(Locale.ROOT, "%.1f", value));
  }
}
