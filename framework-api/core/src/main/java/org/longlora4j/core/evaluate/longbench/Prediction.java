package org.longlora4j.core.evaluate.longbench;

import java.util.List;

/**
 * One line of a file of predictions, by the keys that it has there.
 *
 * @param id {@code _id}, empty where the file has none
 * @param dataset {@code dataset}, or the file's name without its ending where the file has none
 * @param prediction {@code pred}
 * @param answers {@code answers}
 * @param classes {@code all_classes}
 * @param length {@code length}
 */
public record Prediction(
    String id,
    String dataset,
    String prediction,
    List<String> answers,
    List<String> classes,
    int length) {
  /** Copies the lists. */
  public Prediction {
    answers = List.copyOf(answers);
    classes = List.copyOf(classes);
  }
}
