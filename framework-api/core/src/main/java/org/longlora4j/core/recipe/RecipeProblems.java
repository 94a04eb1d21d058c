package org.longlora4j.core.recipe;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.longlora4j.api.plugin.InvalidInputException;

/** Collects what is wrong with a recipe, so that all of it is shown at once. */
final class RecipeProblems {
  private final List<String> lines = new ArrayList<>();

  /**
   * Reports one problem.
   *
   * @param mistake its kind
   * @param place where it stands
   * @param path the keys that lead there, joined by dots; empty for the recipe as a whole
   * @param message what was found, what was expected, and the mend
   */
  void report(Mistake mistake, Place place, String path, String message) {
    lines.add(place + ": " + (path.isEmpty() ? "" : path + ": ") + message + " " + mistake);
  }

  /** Reports a problem that leaves nothing to go on with. */
  InvalidInputException fatal(Place place, String path, String message) {
    report(Mistake.UNREADABLE, place, path, message);
    return failure();
  }

  /**
   * Ends the reading if anything was reported.
   *
   * @throws InvalidInputException with one line for each problem
   */
  void throwIfAny() {
    if (!lines.isEmpty()) {
      throw failure();
    }
  }

  private InvalidInputException failure() {
    return new InvalidInputException(String.join("\n", new LinkedHashSet<>(lines)));
  }
}
