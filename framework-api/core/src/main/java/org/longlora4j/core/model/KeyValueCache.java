package org.longlora4j.core.model;

/** Attention over one growing sequence whose keys and values are kept from call to call. */
interface KeyValueCache extends LayerAttention, AutoCloseable {
  /**
   * Refuses a length that the model was not made for.
   *
   * @param length in tokens that the sequence may reach
   * @throws org.longlora4j.api.plugin.InvalidInputException if it is beyond the sliding window
   */
  void requireRoom(int length);

  /**
   * Gets ready for a sequence of some length.
   *
   * @param length in tokens, not less than now
   * @return whether what is kept holds for that length; if not, it must be emptied and run anew
   */
  boolean prepare(int length);

  /** The most tokens that may come at once now; at least 1. */
  int mostAtOnce();

  /**
   * Announces tokens that follow those that came before.
   *
   * @param count at least 1 and at most {@link #mostAtOnce}
   */
  void expect(int count);

  /**
   * Forgets the end of the sequence, as far as that can be done.
   *
   * @param length how many tokens are wanted to stay, at most as many as there are
   * @return how many stay: {@code length}, or none
   */
  int truncate(int length);

  @Override
  void close();
}
