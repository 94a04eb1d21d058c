package org.longlora4j.core.evaluate.longbench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The harmonic mean of precision and recall over words, each counted as often as it is there. */
final class WordF1 {
  private WordF1() {}

  static double of(List<String> prediction, List<String> answer) {
    Map<String, Integer> left = new HashMap<>();
    answer.forEach(word -> left.merge(word, 1, Integer::sum));
    int shared = 0;
    for (String word : prediction) {
      if (left.merge(word, -1, Integer::sum) >= 0) {
        shared++;
      }
    }
    if (shared == 0) {
      return 0;
    }
    double precision = (double) shared / prediction.size();
    double recall = (double) shared / answer.size();
    return 2 * precision * recall / (precision + recall);
  }
}
