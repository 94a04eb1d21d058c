package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * All tokens of the first epoch, once, in windows to evaluate on.
 *
 * <p>Texts follow one another, as under {@link Packing#CONCAT}. A window has {@code length} tokens,
 * except the last and one before a row of tokens, which have what is left. A row of tokens may have
 * any length: it begins a window, and is cut into as many as it fills.
 */
public final class TokenWindows implements AutoCloseable {
  private final TokenPass pass;
  private final int length;

  private Optional<TokenPass.Piece> piece = Optional.empty();
  private int offset;

  /**
   * Opens the pass.
   *
   * @param source where the documents come from
   * @param tokenizer the model's, which texts need
   * @param length how many tokens a window has
   * @param seed decides the order of a shuffled source
   * @throws InvalidInputException if the source is missing or empty
   */
  public TokenWindows(DocumentSource source, Optional<Tokenizer> tokenizer, int length, long seed) {
    requireNonNull(tokenizer, "tokenizer is null");
    if (length < 1) {
      throw new IllegalArgumentException("length is " + length);
    }
    this.pass = new TokenPass(source, tokenizer, 0, seed);
    this.length = length;
  }

  /**
   * The next window.
   *
   * @return at least one and at most {@code length} token ids; empty when all tokens were given
   * @throws InvalidInputException if a document cannot be read, or if there is text and no
   *     tokenizer
   */
  public Optional<int[]> next() {
    int[] window = new int[length];
    int filled = 0;
    while (filled < length && advance() && !(filled > 0 && atRowStart())) {
      TokenPass.Piece current = piece.get();
      int count = Math.min(length - filled, current.tokens().length - offset);
      System.arraycopy(current.tokens(), offset, window, filled, count);
      filled += count;
      offset += count;
      if (current.isRow() && offset == current.tokens().length) {
        break; // what follows a row begins a window of its own
      }
    }
    return filled == 0 ? Optional.empty() : Optional.of(Arrays.copyOf(window, filled));
  }

  /** Goes to the next token; false if there is none. */
  private boolean advance() {
    while (piece.isEmpty() || offset == piece.get().tokens().length) {
      piece = pass.next();
      offset = 0;
      if (piece.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private boolean atRowStart() {
    return piece.get().isRow() && offset == 0;
  }

  @Override
  public void close() {
    pass.close();
  }
}
