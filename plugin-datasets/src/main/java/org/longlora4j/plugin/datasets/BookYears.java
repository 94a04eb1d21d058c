package org.longlora4j.plugin.datasets;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.data.Omissions;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * The years in which PG-19's books were published: each line of {@code metadata.csv} has a book's
 * number, title, year and address, as RFC 4180 writes them, without a line of headings.
 */
final class BookYears {
  private static final int NUMBER = 0;
  private static final int YEAR = 2;
  private static final int COLUMNS = 4;

  private final Path file;
  private final Omissions omissions;

  BookYears(Path file, Omissions omissions) {
    this.file = file;
    this.omissions = omissions;
  }

  /**
   * Reads them.
   *
   * @return years by book number
   */
  Map<String, Integer> read() {
    Map<String, Integer> years = new HashMap<>();
    int line = 0;
    for (String text : lines()) {
      line++;
      List<String> cells = cells(text);
      if (cells.size() == COLUMNS && cells.get(YEAR).matches("\\d{1,4}")) {
        years.put(cells.get(NUMBER), Integer.valueOf(cells.get(YEAR)));
      } else if (!text.isBlank()) {
        omissions.leaveOut(
            "line of metadata.csv",
            "%s line %d does not have a number, a title, a year and an address, separated by commas: %s"
                .formatted(file, line, text));
      }
    }
    return years;
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(file + " is not UTF-8 text. Convert it.", e);
    } catch (IOException e) {
      throw new InvalidInputException(
          "%s, which tells when books were published, cannot be read: %s. Put it there, or leave out"
                  .formatted(file, e)
              + " 'published'.",
          e);
    }
  }

  /** Splits at commas outside quotes; a doubled quote within quotes is one. */
  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      boolean doubled = quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"';
      if (c == '"' && !doubled) {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
        i += doubled ? 1 : 0;
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
