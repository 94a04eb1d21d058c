package org.longlora4j.core.plugin;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Problems;

/** Collects problems and throws them together. */
public final class ProblemList {
  private static final int SHOWN = 10;

  private final List<String> problems = new ArrayList<>();
  private final Optional<UnaryOperator<String>> places;
  private final String ending;

  /** A list whose messages name files as wholes. */
  public ProblemList() {
    this.places = Optional.empty();
    this.ending = "";
  }

  /**
   * A list whose messages name lines.
   *
   * @param places gives the place of a key by its path; it stands in a message for the file
   * @param ending of each message
   */
  public ProblemList(UnaryOperator<String> places, String ending) {
    this.places = Optional.of(places);
    this.ending = ending;
  }

  /**
   * What an extension reports into.
   *
   * @param file the file at fault
   * @param section the extension's section in it; empty for the whole file
   */
  public Problems in(Object file, String section) {
    return (key, message) -> {
      String dot = section.isEmpty() || key.isEmpty() ? "" : ".";
      String path = section + dot + key;
      String place = places.map(known -> known.apply(path)).orElseGet(file::toString);
      problems.add(place + ": " + (path.isEmpty() ? "" : path + ": ") + message + ending);
    };
  }

  /**
   * The first of many problems, a line each, and how many more there are.
   *
   * @param problems as many as there are
   */
  public static String firstOf(List<String> problems) {
    int shown = Math.min(problems.size(), SHOWN);
    String more = problems.size() > shown ? "\n… and " + (problems.size() - shown) + " more" : "";
    return String.join("\n", problems.subList(0, shown)) + more;
  }

  /**
   * Ends the collection.
   *
   * @throws InvalidInputException with one line for each problem, if there is any
   */
  public void throwIfAny() {
    if (!problems.isEmpty()) {
      throw new InvalidInputException(String.join("\n", problems));
    }
  }
}
