package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * An endless stream of rows to train on, each of exactly {@code context} tokens.
 *
 * <p>Texts follow one another without padding, each document with the model's end token after it; a
 * row begins where the last one ended, in the middle of a document too. When all documents were
 * given, the next epoch begins, in the middle of a row too. Rows of tokens pass through as they
 * stand. Should a source give both, a row of tokens ends the packing of the texts before it: the
 * tokens that do not fill a row of their own by then are left out of that epoch, since rows are
 * neither padded nor reordered.
 *
 * <p>A stream opened at the {@link #position} of another gives what that one has still to give,
 * provided that the documents are the same.
 */
public final class RowStream implements AutoCloseable {
  private final DocumentSource source;
  private final Optional<Tokenizer> tokenizer;
  private final int context;
  private final long seed;

  private TokenPass pass;
  private Optional<TokenPass.Piece> piece = Optional.empty();
  private boolean passGaveTokens;
  private int epoch;
  private long documents;
  private int offset;
  private DataPosition position;

  /**
   * Opens a stream.
   *
   * @param source where the documents come from
   * @param tokenizer the model's, which texts need
   * @param context the length of every row, in tokens
   * @param seed decides the order of a shuffled source
   * @param start where the first row starts
   * @throws InvalidInputException if the source is missing or empty, or if it has nothing at {@code
   *     start}
   */
  public RowStream(
      DocumentSource source,
      Optional<Tokenizer> tokenizer,
      int context,
      long seed,
      DataPosition start) {
    this.source = requireNonNull(source, "source is null");
    this.tokenizer = requireNonNull(tokenizer, "tokenizer is null");
    if (context < 1) {
      throw new IllegalArgumentException("context is " + context);
    }
    this.context = context;
    this.seed = seed;
    this.epoch = start.epoch();
    this.position = start;
    this.pass = new TokenPass(source, tokenizer, epoch, seed);
    try {
      goTo(start);
    } catch (RuntimeException e) {
      pass.close();
      throw e;
    }
  }

  private void goTo(DataPosition start) {
    pass.skip(start.documents());
    documents = start.documents();
    passGaveTokens = start.documents() > 0;
    if (start.tokens() > 0) {
      piece = pass.next();
      if (piece.isEmpty() || piece.get().tokens().length < start.tokens()) {
        throw new InvalidInputException(
            ("The data has changed: document %d of epoch %d ends before token %d, where the next row"
                    + " starts. Put back the documents that the run began with, or begin a new run.")
                .formatted(start.documents(), start.epoch(), start.tokens()));
      }
      offset = (int) start.tokens();
      passGaveTokens = true;
    }
  }

  /**
   * The next row.
   *
   * @return {@code context} token ids, the caller's to keep
   * @throws InvalidInputException if a document cannot be read, if there is text and no tokenizer,
   *     if a row of tokens has another length, or if an epoch has no tokens at all
   */
  public int[] next() {
    int[] row = new int[context];
    int filled = 0;
    while (filled < context) {
      TokenPass.Piece current = currentPiece();
      int[] tokens = current.tokens();
      if (current.isRow()) {
        checkLength(tokens, current.origin().get());
        finishPiece();
        position = here();
        return tokens;
      }
      int count = Math.min(context - filled, tokens.length - offset);
      System.arraycopy(tokens, offset, row, filled, count);
      filled += count;
      offset += count;
      if (offset == tokens.length) {
        finishPiece();
      }
    }
    position = here();
    return row;
  }

  private TokenPass.Piece currentPiece() {
    while (piece.isEmpty()) {
      piece = pass.next();
      if (piece.isEmpty()) {
        nextEpoch();
      }
    }
    passGaveTokens |= piece.get().tokens().length > 0;
    return piece.get();
  }

  private void finishPiece() {
    piece = Optional.empty();
    documents++;
    offset = 0;
  }

  private void nextEpoch() {
    if (!passGaveTokens) {
      throw new InvalidInputException("The data holds no tokens: all of its documents are empty.");
    }
    pass.close();
    epoch++;
    documents = 0;
    passGaveTokens = false;
    pass = new TokenPass(source, tokenizer, epoch, seed);
  }

  private void checkLength(int[] tokens, String origin) {
    if (tokens.length != context) {
      throw new InvalidInputException(
          ("%s has %d tokens, but the context is %d: a row must fill the context exactly. Set"
                  + " context to %d, or give rows of %d tokens.")
              .formatted(origin, tokens.length, context, tokens.length, context));
    }
  }

  private DataPosition here() {
    return new DataPosition(epoch, documents, offset);
  }

  /** Where the next row starts; after a failure, where the row starts that failed. */
  public DataPosition position() {
    return position;
  }

  @Override
  public void close() {
    pass.close();
  }
}
