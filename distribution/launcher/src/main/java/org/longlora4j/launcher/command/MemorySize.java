package org.longlora4j.launcher.command;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An amount of memory.
 *
 * @param bytes how much
 */
record MemorySize(long bytes) {
  private static final Pattern TEXT = Pattern.compile("(\\d+(?:\\.\\d+)?) *([KMGT]?I?B?)");
  private static final Map<Character, Integer> POWERS = Map.of('K', 1, 'M', 2, 'G', 3, 'T', 4);

  /** Reads {@code 32GB}, {@code 24GiB}, {@code 500MB}; {@code 24G} means {@code 24GB}. */
  static final class Converter implements ITypeConverter<MemorySize> {
    @Override
    public MemorySize convert(String text) {
      Matcher matcher = TEXT.matcher(text.strip().toUpperCase(Locale.ROOT));
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'" + text + "' is not an amount of memory such as 32GB or 24GiB");
      }
      String unit = matcher.group(2);
      int power = unit.isEmpty() ? 0 : POWERS.getOrDefault(unit.charAt(0), 0);
      BigDecimal base = BigDecimal.valueOf(unit.contains("I") ? 1024 : 1000);
      BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(base.pow(power));
      if (bytes.signum() == 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
        throw new TypeConversionException("'" + text + "' is out of range, must be above 0");
      }
      return new MemorySize(bytes.longValue());
    }
  }

  /** In the unit that leaves one to three digits before the point: {@code 12.3 GB}. */
  static String text(long bytes) {
    double amount = bytes;
    int power = 0;
    while (amount >= 999.5 && power < 4) {
      amount /= 1000;
      power++;
    }
    String unit = new String[] {"B", "kB", "MB", "GB", "TB"}[power];
    return String.format(Locale.ROOT, power == 0 ? "%.0f %s" : "%.3g %s", amount, unit);
  }
}
