package org.longlora4j.launcher.command;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rows of text in columns, each as wide as its widest cell.
 *
 * @param rows all of one length, the headings first
 */
public record TextTable(List<List<String>> rows) {
  private static final String GAP = "  ";

  /** Copies the rows. */
  public TextTable {
    rows = rows.stream().map(List::copyOf).toList();
  }

  /** One line a row, without the last line's end. */
  public String toText() {
    return rows.stream().map(this::line).collect(Collectors.joining(System.lineSeparator()));
  }

  private String line(List<String> row) {
    return IntStream.range(0, row.size())
        .mapToObj(column -> padded(row.get(column), width(column)))
        .collect(Collectors.joining(GAP))
        .stripTrailing();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  private static String padded(String cell, int width) {
    return cell + " ".repeat(width - cell.length());
  }
}
