package org.longlora4j.launcher.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.longlora4j.core.evaluate.Passkey;

/**
 * How often passkeys were found.
 *
 * @param passkey one row for each length and depth
 * @param byLength over all depths
 */
record PasskeyTable(List<Row> passkey, List<LengthRow> byLength) implements Result {
  /**
   * One length and depth.
   *
   * @param depth a number, or {@code random}
   */
  record Row(int length, Object depth, int trials, int found, double accuracy, double meanTokens) {}

  /** One length. */
  record LengthRow(int length, int trials, double accuracy) {}

  static PasskeyTable of(List<Passkey.Result> results) {
    Map<Integer, List<Passkey.Result>> byLength =
        results.stream()
            .collect(
                Collectors.groupingBy(
                    Passkey.Result::length, LinkedHashMap::new, Collectors.toList()));
    return new PasskeyTable(
        results.stream().map(PasskeyTable::row).toList(),
        byLength.values().stream().map(PasskeyTable::mean).toList());
  }

  private static Row row(Passkey.Result result) {
    Object depth = result.depth().isPresent() ? result.depth().getAsDouble() : "random";
    return new Row(
        result.length(),
        depth,
        result.trials(),
        result.found(),
        result.accuracy(),
        result.meanTokens());
  }

  private static LengthRow mean(List<Passkey.Result> ofLength) {
    int trials = ofLength.stream().mapToInt(Passkey.Result::trials).sum();
    int found = ofLength.stream().mapToInt(Passkey.Result::found).sum();
    return new LengthRow(ofLength.get(0).length(), trials, (double) found / trials);
  }

  @Override
  public String toText() {
    List<Object> depths = passkey.stream().map(Row::depth).distinct().toList();
    List<List<String>> cells = new ArrayList<>();
    List<String> headings = new ArrayList<>(List.of("LENGTH"));
    depths.forEach(depth -> headings.add(depth.toString()));
    headings.add("ALL");
    headings.add("TRIALS");
    cells.add(headings);
    for (LengthRow length : byLength) {
      List<String> row = new ArrayList<>(List.of(Integer.toString(length.length())));
      for (Object depth : depths) {
        row.add(
            passkey.stream()
                .filter(cell -> cell.length() == length.length() && cell.depth().equals(depth))
                .findFirst()
                .map(cell -> share(cell.accuracy()))
                .orElse(""));
      }
      row.add(share(length.accuracy()));
      row.add(Integer.toString(length.trials()));
      cells.add(row);
    }
    return new TextTable(cells).toText();
  }

  private static String share(double accuracy) {
    return String.format(Locale.ROOT, "%.2f", accuracy);
  }
}
