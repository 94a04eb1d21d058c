package org.longlora4j.api.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What was left out of documents, and why.
 *
 * @param counts how many things by reason, such as {@code not UTF-8}; no count is 0
 * @param examples the first of them, each with its file and line, {@link #MOST_EXAMPLES} at most
 */
public record LeftOut(Map<String, Long> counts, List<String> examples) {
  /** Nothing. */
  public static final LeftOut NOTHING = new LeftOut(Map.of(), List.of());

  /** How many things are told of one by one. */
  public static final int MOST_EXAMPLES = 5;

  /** Copies both, and sorts the reasons. */
  public LeftOut {
    counts = Collections.unmodifiableMap(new TreeMap<>(counts));
    examples = examples.stream().limit(MOST_EXAMPLES).toList();
  }

  /** How many things in all. */
  public long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** This and what was left out elsewhere. */
  public LeftOut plus(LeftOut other) {
    if (other.counts.isEmpty()) {
      return this;
    }
    Map<String, Long> sum = new TreeMap<>(counts);
    other.counts.forEach((reason, count) -> sum.merge(reason, count, Long::sum));
    List<String> all = new ArrayList<>(examples);
    other.examples.stream().filter(example -> !examples.contains(example)).forEach(all::add);
    return new LeftOut(sum, all);
  }

  /**
   * What came later.
   *
   * @param earlier of the same account
   */
  public LeftOut since(LeftOut earlier) {
    Map<String, Long> later = new TreeMap<>(counts);
    earlier.counts.forEach(
        (reason, count) -> later.merge(reason, -count, (a, b) -> a + b == 0 ? null : a + b));
    return new LeftOut(
        later, examples.stream().filter(example -> !earlier.examples.contains(example)).toList());
  }

  /** The counts in words: {@code 2 not UTF-8, 1 empty}. */
  public String inWords() {
    return counts.entrySet().stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }
}
