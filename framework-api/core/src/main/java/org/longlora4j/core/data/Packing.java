package org.longlora4j.core.data;

/** How documents become rows of {@code context} tokens: {@code pack} in a recipe. */
public enum Packing {
  /**
   * One document after another, without padding and without regard to where a row ends: a position
   * attends to the documents before it in its row, too.
   */
  CONCAT,
  /** One document a row, and padding after it. */
  PAD,
  /**
   * Several documents a row, none of which attends to another: positions count from 0 in each. A
   * document that fits into a row is not cut; where the next one does not fit, padding follows.
   */
  ISOLATE;

  /** Whether attention stays inside documents. */
  boolean keepsDocumentsApart() {
    return this != CONCAT;
  }
}
