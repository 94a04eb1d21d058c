package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.longlora4j.core.report.Measurements;

/**
 * What the quick start showed.
 *
 * @param byLength before and after, by length
 * @param seconds from the first measurement to the report
 * @param peakMemoryBytes largest resident memory of the process
 * @param report the page
 * @param run the run's directory, with the adapter
 * @param model the merged checkpoint
 */
record QuickstartSummary(
    List<ByLength> byLength,
    double seconds,
    long peakMemoryBytes,
    Path report,
    Path run,
    Path model)
    implements Result {

  /**
   * One length.
   *
   * @param length in tokens
   * @param perplexityBefore of the base
   * @param perplexityAfter of the extended model
   * @param passkeyBefore the share of keys that the base found, over all depths
   * @param passkeyAfter the same of the extended model
   */
  record ByLength(
      int length,
      double perplexityBefore,
      double perplexityAfter,
      double passkeyBefore,
      double passkeyAfter) {
    static List<ByLength> of(Measurements before, Measurements after) {
      return before.perplexity().stream()
          .map(
              base ->
                  new ByLength(
                      base.length(),
                      base.perplexity(),
                      perplexity(after, base.length()),
                      found(before, base.length()),
                      found(after, base.length())))
          .toList();
    }

    private static double perplexity(Measurements measured, int length) {
      return measured.perplexity().stream()
          .filter(p -> p.length() == length)
          .mapToDouble(Measurements.Perplexity::perplexity)
          .findFirst()
          .orElse(Double.NaN);
    }

    private static double found(Measurements measured, int length) {
      return measured.passkey().stream()
          .filter(p -> p.length() == length)
          .mapToDouble(Measurements.Passkey::accuracy)
          .average()
          .orElse(Double.NaN);
    }
  }

  @Override
  public String toText() {
    List<List<String>> cells = new ArrayList<>();
    cells.add(List.of("TOKENS", "PERPLEXITY", "EXTENDED", "PASSKEYS", "EXTENDED"));
    for (ByLength row : byLength) {
      cells.add(
          List.of(
              Integer.toString(row.length()),
              number("%.2f", row.perplexityBefore()),
              number("%.2f", row.perplexityAfter()),
              number("%.2f", row.passkeyBefore()),
              number("%.2f", row.passkeyAfter())));
    }
    return String.join(
        "\n",
        new TextTable(cells).toText(),
        "",
        number("Done in %.0f s", seconds) + number(", peak memory %.2f GB.", peakMemoryBytes / 1e9),
        "The report: " + report,
        "The extended model: " + model,
        "Next: longlora generate --model " + model + " --prompt \"public static int \"",
        "      then a recipe of your own, which the README explains.");
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
