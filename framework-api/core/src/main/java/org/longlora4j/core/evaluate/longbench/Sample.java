package org.longlora4j.core.evaluate.longbench;

import java.util.List;

/**
 * One line of a task's file, by the keys that it has there.
 *
 * @param id {@code _id}
 * @param dataset {@code dataset}
 * @param input {@code input}: the question
 * @param context {@code context}: what the answer is in
 * @param answers {@code answers}: those that are right
 * @param classes {@code all_classes}: those of a classification, else none
 * @param length {@code length}: of context, question and answer in words
 */
public record Sample(
    String id,
    String dataset,
    String input,
    String context,
    List<String> answers,
    List<String> classes,
    int length) {
  /** Copies the lists. */
  public Sample {
    answers = List.copyOf(answers);
    classes = List.copyOf(classes);
  }
}
