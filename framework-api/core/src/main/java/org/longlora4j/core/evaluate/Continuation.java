package org.longlora4j.core.evaluate;

/** What a model makes of a prompt. */
@FunctionalInterface
public interface Continuation {
  /**
   * The tokens that most likely follow.
   *
   * @param prompt token ids
   * @param count how many are wanted; fewer if the model ends before
   */
  int[] after(int[] prompt, int count);
}
