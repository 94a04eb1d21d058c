package org.longlora4j.core.data;

import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;

/**
 * All tokens of a source, once, in windows that begin every so many tokens.
 *
 * <p>Texts make one long row, with the end token after each; a row of tokens stands alone. What
 * does not fill a window at the end of a row is left out.
 */
public final class SlidingWindows implements AutoCloseable {
  /** Stands for the bytes of a token whose text is not known. */
  public static final int UNKNOWN = TokenPass.UNKNOWN;

  private final TokenPass pass;
  private final int step;
  private final int[] tokens;
  private final int[] bytes;
  private int filled;
  private int seen;
  private int skip;
  private Optional<TokenPass.Piece> piece = Optional.empty();
  private int offset;

  /**
   * One window.
   *
   * @param tokens token ids
   * @param bytes for each of them those of its text in UTF-8, 0 for an end token, {@link #UNKNOWN}
   *     where it comes from no text
   * @param seen how many of the first tokens were in the window before
   */
  @SuppressWarnings("ArrayRecordComponent") // long vectors that nobody compares
  public record Window(int[] tokens, int[] bytes, int seen) {}

  /**
   * Opens the source.
   *
   * @param source the documents, read in the order of its first epoch
   * @param tokenizer the model's, which texts need
   * @param length of a window in tokens, at least 1
   * @param step from one window's begin to the next one's, at least 1
   */
  public SlidingWindows(
      DocumentSource source, Optional<Tokenizer> tokenizer, int length, int step) {
    this.pass = TokenPass.measured(source, tokenizer);
    this.step = step;
    this.tokens = new int[length];
    this.bytes = new int[length];
  }

  /** The next window; empty when the source ends before one is full. */
  public Optional<Window> next() {
    while (filled < tokens.length) {
      if (atEndOfPiece() && !advance()) {
        return Optional.empty();
      }
      TokenPass.Piece current = piece.get();
      int left = current.tokens().length - offset;
      int skipped = Math.min(skip, left);
      int count = Math.min(tokens.length - filled, left - skipped);
      System.arraycopy(current.tokens(), offset + skipped, tokens, filled, count);
      System.arraycopy(current.bytes(), offset + skipped, bytes, filled, count);
      skip -= skipped;
      offset += skipped + count;
      filled += count;
    }
    Window window = new Window(tokens.clone(), bytes.clone(), seen);
    seen = Math.max(0, tokens.length - step);
    filled = seen;
    skip = Math.max(0, step - tokens.length);
    System.arraycopy(window.tokens(), tokens.length - seen, tokens, 0, seen);
    System.arraycopy(window.bytes(), tokens.length - seen, bytes, 0, seen);
    return Optional.of(window);
  }

  private boolean atEndOfPiece() {
    return piece.isEmpty() || offset == piece.get().tokens().length;
  }

  /** Goes to the next piece; false if there is none. */
  private boolean advance() {
    Optional<TokenPass.Piece> following = pass.next();
    if (following.isEmpty()) {
      return false;
    }
    if (following.get().isRow() || piece.filter(TokenPass.Piece::isRow).isPresent()) {
      filled = 0;
      seen = 0;
      skip = 0;
    }
    piece = following;
    offset = 0;
    return true;
  }

  @Override
  public void close() {
    pass.close();
  }
}
