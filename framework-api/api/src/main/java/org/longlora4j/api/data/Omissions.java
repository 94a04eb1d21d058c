package org.longlora4j.api.data;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * Leaves out what a pass cannot use and keeps account of it, or, if the source is strict, refuses
 * it. Every source that has an option {@code strict} does it by this.
 */
public final class Omissions {
  /** Of a file or field without anything in it. */
  public static final String EMPTY = "empty";

  /** Of text in another encoding. */
  public static final String NOT_UTF_8 = "not UTF-8";

  /** Of a file that the system does not let us read, or that breaks off. */
  public static final String UNREADABLE = "unreadable";

  private static final String OR_LEAVE_OUT =
      " Or say 'strict: false', which leaves it out, counts it and goes on.";

  private final boolean strict;
  private final Map<String, Long> counts = new TreeMap<>();
  private final List<String> examples = new ArrayList<>();

  /**
   * Begins an account.
   *
   * @param strict whether what cannot be used is an error
   */
  public Omissions(boolean strict) {
    this.strict = strict;
  }

  /** Whether what cannot be used is an error. */
  public boolean strict() {
    return strict;
  }

  /**
   * Leaves something out.
   *
   * @param reason one of few, in words that follow a number: {@code 3 not UTF-8}
   * @param message one sentence or more for the user: the file and line, what was found, what was
   *     expected and the mend
   * @throws InvalidInputException if the source is strict
   */
  public void leaveOut(String reason, String message) {
    leaveOut(reason, new InvalidInputException(message));
  }

  /**
   * Leaves something out.
   *
   * @param reason one of few, in words that follow a number: {@code 3 not UTF-8}
   * @param problem with a message as above
   * @throws InvalidInputException if the source is strict
   */
  public void leaveOut(String reason, InvalidInputException problem) {
    requireNonNull(reason, "reason is null");
    if (strict) {
      throw new InvalidInputException(problem.getMessage() + OR_LEAVE_OUT, problem);
    }
    counts.merge(reason, 1L, Long::sum);
    if (examples.size() < LeftOut.MOST_EXAMPLES) {
      examples.add(problem.getMessage());
    }
  }

  /** The account so far. */
  public LeftOut leftOut() {
    return counts.isEmpty() ? LeftOut.NOTHING : new LeftOut(counts, examples);
  }
}
