package org.longlora4j.core.evaluate;

import java.util.Arrays;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.Tokenizer;

/**
 * All tokens of a source, once, in windows that begin every so many tokens.
 *
 * <p>Texts make one long row, with the end token after each; a row of tokens stands alone. What
 * does not fill a window at the end of a row is left out.
 */
final class SlidingWindows implements AutoCloseable {
  /** Stands for the bytes of a token whose text is not known. */
  static final int UNKNOWN = -1;

  private final DocumentStream documents;
  private final Optional<Tokenizer> tokenizer;
  private final int step;
  private final int[] tokens;
  private final int[] bytes;
  private int filled;
  private int seen;
  private int skip;
  private Piece piece = new Piece(new int[0], new int[0], false);
  private int offset;

  /**
   * One window.
   *
   * @param tokens token ids
   * @param bytes for each of them those of its text in UTF-8, 0 for an end token, {@link #UNKNOWN}
   *     in a row of tokens
   * @param seen how many of the first tokens were in the window before
   */
  @SuppressWarnings("ArrayRecordComponent") // long vectors that nobody compares
  record Window(int[] tokens, int[] bytes, int seen) {}

  @SuppressWarnings("ArrayRecordComponent") // long vectors that nobody compares
  private record Piece(int[] tokens, int[] bytes, boolean isRow) {}

  /**
   * Opens the source.
   *
   * @param source the documents, read in the order of its first epoch
   * @param tokenizer the model's, which texts need
   * @param length of a window in tokens, at least 1
   * @param step from one window's begin to the next one's, at least 1
   */
  SlidingWindows(DocumentSource source, Optional<Tokenizer> tokenizer, int length, int step) {
    this.documents = source.open(0, 0);
    this.tokenizer = tokenizer;
    this.step = step;
    this.tokens = new int[length];
    this.bytes = new int[length];
  }

  /** The next window; empty when the source ends before one is full. */
  Optional<Window> next() {
    while (filled < tokens.length) {
      if (offset == piece.tokens().length && !advance()) {
        return Optional.empty();
      }
      int left = piece.tokens().length - offset;
      int skipped = Math.min(skip, left);
      int count = Math.min(tokens.length - filled, left - skipped);
      System.arraycopy(piece.tokens(), offset + skipped, tokens, filled, count);
      System.arraycopy(piece.bytes(), offset + skipped, bytes, filled, count);
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

  /** Goes to the next piece; false if there is none. */
  private boolean advance() {
    Optional<Piece> following = documents.next().map(this::piece);
    if (following.isEmpty()) {
      return false;
    }
    if (piece.isRow() || following.get().isRow()) {
      filled = 0;
      seen = 0;
      skip = 0;
    }
    piece = following.get();
    offset = 0;
    return true;
  }

  private Piece piece(Document document) {
    if (document instanceof Document.Row row) {
      int[] unknown = new int[row.tokens().length];
      Arrays.fill(unknown, UNKNOWN);
      return new Piece(row.tokens(), unknown, true);
    }
    Document.Text text = (Document.Text) document;
    Tokenizer encoder =
        tokenizer.orElseThrow(
            () ->
                new InvalidInputException(
                    "The data is text, but the model has no tokenizer.json to turn it into tokens."
                        + " Put the tokenizer.json into the model's directory, or give rows of"
                        + " tokens with 'use: token-rows'."));
    Tokenizer.MeasuredText measured = encoder.encodeMeasured(text.text());
    if (!text.last()) {
      return new Piece(measured.tokens(), measured.bytes(), false);
    }
    int count = measured.tokens().length;
    int[] ended = Arrays.copyOf(measured.tokens(), count + 1);
    ended[count] = encoder.endToken();
    return new Piece(ended, Arrays.copyOf(measured.bytes(), count + 1), false);
  }

  @Override
  public void close() {
    documents.close();
  }
}
