package org.longlora4j.core.evaluate.longbench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * ROUGE-L of summaries (Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004,
 * section 3.2) as Python's {@code rouge} 1.0.1 computes it, which LongBench uses: of every sentence
 * the words that a longest common subsequence with any sentence of the other text has, as a set.
 */
final class RougeL {
  private RougeL() {}

  /** The F1, from 0 to 1; 0 if either text has no sentence. */
  static double of(String prediction, String reference) {
    List<List<String>> predicted = sentences(prediction);
    List<List<String>> wanted = sentences(reference);
    if (predicted.isEmpty() || wanted.isEmpty()) {
      return 0;
    }
    Set<String> union = new HashSet<>();
    for (List<String> sentence : wanted) {
      predicted.forEach(other -> union.addAll(commonSubsequence(sentence, other)));
    }
    double recall = (double) union.size() / distinct(wanted);
    double precision = (double) union.size() / distinct(predicted);
    return 2 * (precision * recall / (precision + recall + 1e-8));
  }

  /** What stands between full stops; one that is blank has one word, which is empty. */
  private static List<List<String>> sentences(String text) {
    return Stream.of(text.split("\\.", -1))
        .filter(sentence -> !sentence.isEmpty())
        .map(Metric::words)
        .map(words -> words.isEmpty() ? List.of("") : words)
        .toList();
  }

  private static long distinct(List<List<String>> sentences) {
    return sentences.stream().flatMap(List::stream).distinct().count();
  }

  private static List<String> commonSubsequence(List<String> x, List<String> y) {
    int[][] lengths = new int[x.size() + 1][y.size() + 1];
    for (int i = 1; i <= x.size(); i++) {
      for (int j = 1; j <= y.size(); j++) {
        lengths[i][j] =
            x.get(i - 1).equals(y.get(j - 1))
                ? lengths[i - 1][j - 1] + 1
                : Math.max(lengths[i - 1][j], lengths[i][j - 1]);
      }
    }
    List<String> common = new ArrayList<>();
    int i = x.size();
    int j = y.size();
    while (i > 0 && j > 0) {
      if (x.get(i - 1).equals(y.get(j - 1))) {
        common.add(x.get(i - 1));
        i--;
        j--;
      } else if (lengths[i - 1][j] > lengths[i][j - 1]) {
        i--;
      } else {
        j--;
      }
    }
    return common;
  }
}
