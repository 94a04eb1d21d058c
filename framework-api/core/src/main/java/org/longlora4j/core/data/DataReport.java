package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.StringJoiner;
import org.longlora4j.api.data.LeftOut;

/**
 * What was read of a source, and what was left out.
 *
 * @param documents how many were read to their end, a row of tokens being one
 * @param characters of text that was read, in UTF-16 units
 * @param tokens that came as tokens
 * @param leftOut what could not be used
 */
public record DataReport(long documents, long characters, long tokens, LeftOut leftOut) {
  /** Nothing was read. */
  public static final DataReport NONE = new DataReport(0, 0, 0, LeftOut.NOTHING);

  /** Requires an account of what was left out. */
  public DataReport {
    requireNonNull(leftOut, "leftOut is null");
  }

  /** This and what was read elsewhere. */
  public DataReport plus(DataReport other) {
    return new DataReport(
        documents + other.documents,
        characters + other.characters,
        tokens + other.tokens,
        leftOut.plus(other.leftOut));
  }

  /** One line for people. */
  public String toText() {
    StringJoiner read = new StringJoiner(", ", "Read ", ".");
    read.add(inWords(documents, "document"));
    if (characters > 0) {
      read.add(inWords(characters, "character"));
    }
    if (tokens > 0) {
      read.add(inWords(tokens, "token"));
    }
    return leftOut.total() == 0
        ? read.toString()
        : String.format(
            Locale.ROOT, "%s Left out %,d: %s.", read, leftOut.total(), leftOut.inWords());
  }

  private static String inWords(long count, String noun) {
    return String.format(Locale.ROOT, "%,d %s%s", count, noun, count == 1 ? "" : "s");
  }
}
