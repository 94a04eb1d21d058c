package org.longlora4j.core.data;

import java.util.Arrays;

/**
 * Tokens of which some are learned.
 *
 * @param tokens token ids
 * @param learned for each whether a loss is counted on predicting it
 */
@SuppressWarnings("ArrayRecordComponent") // long vectors that nobody compares
record MarkedTokens(int[] tokens, boolean[] learned) {
  static final MarkedTokens NONE = new MarkedTokens(new int[0], new boolean[0]);

  static MarkedTokens of(int token, boolean learned) {
    return new MarkedTokens(new int[] {token}, new boolean[] {learned});
  }

  /** These tokens and others after them. */
  MarkedTokens then(MarkedTokens others) {
    int length = tokens.length;
    int[] all = Arrays.copyOf(tokens, length + others.tokens.length);
    boolean[] marks = Arrays.copyOf(learned, all.length);
    System.arraycopy(others.tokens, 0, all, length, others.tokens.length);
    System.arraycopy(others.learned, 0, marks, length, others.learned.length);
    return new MarkedTokens(all, marks);
  }

  boolean startsWith(int token) {
    return tokens.length > 0 && tokens[0] == token;
  }

  /** These tokens but the last, if it is the given one. */
  MarkedTokens withoutLast(int token) {
    int length = tokens.length;
    return length > 0 && tokens[length - 1] == token
        ? new MarkedTokens(Arrays.copyOf(tokens, length - 1), Arrays.copyOf(learned, length - 1))
        : this;
  }
}
