package org.longlora4j.core.evaluate.longbench;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How alike two texts are (Ratcliff and Obershelp, "Pattern Matching: The Gestalt Approach", 1988):
 * the longest block that both have, and the same again on either side of it. As Python's {@code
 * difflib} finds it, which {@code fuzzywuzzy.ratio} and so LongBench uses: in texts of 200
 * characters or more, one that makes up over a hundredth of the second text begins no block.
 */
final class TextSimilarity {
  private static final int LONG_TEXT = 200;

  private final int[] first;
  private final int[] second;
  private final Map<Integer, List<Integer>> places = new HashMap<>();

  private record Range(int firstBegin, int firstEnd, int secondBegin, int secondEnd) {}

  private record Block(int first, int second, int size) {}

  private TextSimilarity(int[] first, int[] second) {
    this.first = first;
    this.second = second;
    for (int i = 0; i < second.length; i++) {
      places.computeIfAbsent(second[i], character -> new ArrayList<>()).add(i);
    }
    if (second.length >= LONG_TEXT) {
      places.values().removeIf(all -> all.size() > second.length / 100 + 1);
    }
  }

  /** From 0 to 100, rounded, a half to the even number. */
  static int percent(String first, String second) {
    if (first.equals(second)) {
      return 100;
    }
    int[] a = first.codePoints().toArray();
    int[] b = second.codePoints().toArray();
    double ratio = 2.0 * new TextSimilarity(a, b).matching() / (a.length + b.length);
    return (int) Math.rint(100 * ratio);
  }

  private int matching() {
    int matching = 0;
    Deque<Range> ranges = new ArrayDeque<>();
    ranges.push(new Range(0, first.length, 0, second.length));
    while (!ranges.isEmpty()) {
      Range range = ranges.pop();
      Block block = longest(range);
      if (block.size() > 0) {
        matching += block.size();
        ranges.push(
            new Range(range.firstBegin(), block.first(), range.secondBegin(), block.second()));
        ranges.push(
            new Range(
                block.first() + block.size(),
                range.firstEnd(),
                block.second() + block.size(),
                range.secondEnd()));
      }
    }
    return matching;
  }

  private Block longest(Range range) {
    Block best = new Block(range.firstBegin(), range.secondBegin(), 0);
    Map<Integer, Integer> sizes =
        new HashMap<>(); // of the blocks that end at a place in the second
    for (int i = range.firstBegin(); i < range.firstEnd(); i++) {
      Map<Integer, Integer> next = new HashMap<>();
      for (int j : places.getOrDefault(first[i], List.of())) {
        if (j >= range.secondBegin() && j < range.secondEnd()) {
          int size = sizes.getOrDefault(j - 1, 0) + 1;
          next.put(j, size);
          if (size > best.size()) {
            best = new Block(i - size + 1, j - size + 1, size);
          }
        }
      }
      sizes = next;
    }
    return widened(best, range);
  }

  /** With the frequent characters on both sides that begin no block. */
  private Block widened(Block block, Range range) {
    int i = block.first();
    int j = block.second();
    int size = block.size();
    while (i > range.firstBegin() && j > range.secondBegin() && first[i - 1] == second[j - 1]) {
      i--;
      j--;
      size++;
    }
    while (i + size < range.firstEnd()
        && j + size < range.secondEnd()
        && first[i + size] == second[j + size]) {
      size++;
    }
    return new Block(i, j, size);
  }
}
