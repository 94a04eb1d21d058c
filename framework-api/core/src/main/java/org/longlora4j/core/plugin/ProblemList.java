package org.longlora4j.core.plugin;

import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Problems;

/** Collects problems and throws them together. */
public final class ProblemList {
  private final List<String> problems = new ArrayList<>();

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
      problems.add(file + ": " + (path.isEmpty() ? "" : path + ": ") + message);
    };
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
