package org.longlora4j.launcher.command;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
   * @param passkeyBefore the share of keys that the base found, over all depths; null if it was not
   *     asked for any
   * @param passkeyAfter the same of the extended model
   */
  record ByLength(
      int length,
      double perplexityBefore,
      double perplexityAfter,
      @JsonInclude(NON_NULL) Double passkeyBefore,
      @JsonInclude(NON_NULL) Double passkeyAfter) {
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

    private static Double found(Measurements measured, int length) {
      return measured.passkey().stream()
          .filter(p -> p.length() == length)
          .collect(
              Collectors.collectingAndThen(
                  Collectors.averagingDouble(Measurements.Passkey::accuracy),
                  average -> measured.passkey().isEmpty() ? null : average));
    }

    private List<String> cells() {
      Stream<String> cells =
          Stream.of(
              Integer.toString(length),
              number("%.2f", perplexityBefore),
              number("%.2f", perplexityAfter));
      Stream<String> passkeys =
          passkeyBefore == null
              ? Stream.of()
              : Stream.of(number("%.2f", passkeyBefore), number("%.2f", passkeyAfter));
      return Stream.concat(cells, passkeys).toList();
    }
  }

  @Override
  public String toText() {
    List<List<String>> cells = new ArrayList<>();
    byLength.forEach(row -> cells.add(row.cells()));
    List<String> head = List.of("TOKENS", "PERPLEXITY", "EXTENDED", "PASSKEYS", "EXTENDED");
    cells.add(0, head.subList(0, cells.get(0).size()));
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
