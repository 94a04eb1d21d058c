package org.longlora4j.core.data;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * An endless stream of rows to train on, each of exactly {@code context} tokens.
 *
 * <p>Each text has the model's end token after it. A {@link Packing} says how documents become
 * rows:
 *
 * <ul>
 *   <li>{@code concat}: they follow one another without padding; a row begins where the last one
 *       ended, in the middle of a document too. When all documents were given, the next epoch
 *       begins, in the middle of a row too.
 *   <li>{@code pad}: a row holds one document, or as much of a text as fits; what is left of it
 *       follows in rows of its own.
 *   <li>{@code isolate}: a row holds documents as long as they fit. Only a text that is longer than
 *       a row is cut, where the row ends, and what is left of it begins the next row as a document
 *       of its own.
 * </ul>
 *
 * <p>A dialogue that is longer than the context is cut to it, under any packing, and left out if
 * that leaves no token of an answer. A row without any token to learn is left out too.
 *
 * <p>Rows of tokens pass through as they stand. Should a source give both, a row of tokens ends the
 * packing of the texts before it: under {@code concat} the tokens that do not fill a row of their
 * own by then are left out of that epoch, since rows are neither padded nor reordered.
 *
 * <p>A stream opened at the {@link #position} of another gives what that one has still to give,
 * provided that the documents are the same.
 */
public final class RowStream implements AutoCloseable {
  private final DocumentSource source;
  private final Optional<Tokenizer> tokenizer;
  private final Packing packing;
  private final int context;
  private final long seed;
  private final int padding;

  private TokenPass pass;

  /** What was read and not yet put into a row, but for the first piece's first tokens. */
  private final Deque<TokenPass.Piece> pieces = new ArrayDeque<>();

  private int offset;
  private boolean passEnded;
  private boolean passGaveTokens;
  private int epoch;
  private long documents;
  private DataPosition position;
  private RowCounts counts = RowCounts.NONE;

  /**
   * Opens a stream.
   *
   * @param source where the documents come from
   * @param tokenizer the model's, which texts need
   * @param packing how documents become rows
   * @param context the length of every row, in tokens
   * @param seed decides the order of a shuffled source
   * @param start where the first row starts
   * @throws InvalidInputException if the source is missing or empty, or if it has nothing at {@code
   *     start}
   */
  public RowStream(
      DocumentSource source,
      Optional<Tokenizer> tokenizer,
      Packing packing,
      int context,
      long seed,
      DataPosition start) {
    this.source = requireNonNull(source, "source is null");
    this.tokenizer = requireNonNull(tokenizer, "tokenizer is null");
    this.packing = requireNonNull(packing, "packing is null");
    if (context < 1) {
      throw new IllegalArgumentException("context is " + context);
    }
    this.context = context;
    this.seed = seed;
    this.padding =
        packing.keepsDocumentsApart() ? tokenizer.map(Tokenizer::paddingToken).orElse(0) : 0;
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
      Optional<TokenPass.Piece> piece = peek();
      if (piece.isEmpty() || piece.get().tokens().length < start.tokens()) {
        throw new InvalidInputException(
            ("The data has changed: document %d of epoch %d ends before token %d, where the next row"
                    + " starts. Put back the documents that the run began with, or begin a new run.")
                .formatted(start.documents(), start.epoch(), start.tokens()));
      }
      offset = (int) start.tokens();
    }
  }

  /**
   * The next row.
   *
   * @return {@code context} tokens, the caller's to keep
   * @throws InvalidInputException if a document cannot be read, if there is text and no tokenizer,
   *     if a row of tokens has another length, or if an epoch has no tokens to learn at all
   */
  public Row next() {
    int firstEpoch = epoch;
    Row row = fill();
    while (context > 1 && row.counted() == 0) {
      if (epoch > firstEpoch + 1) {
        throw new InvalidInputException(
            "The data holds nothing to learn: no row of %d tokens has a token that counts in a loss."
                .formatted(context));
      }
      counts = counts.oneEmptyRow();
      row = fill();
    }
    position = here();
    return row;
  }

  private Row fill() {
    RowBuilder row = new RowBuilder(context, padding);
    while (row.room() > 0) {
      Optional<TokenPass.Piece> piece = peek();
      if (packing.keepsDocumentsApart() && !row.isEmpty() && !goesOn(row, piece)) {
        break;
      }
      if (piece.isEmpty()) {
        nextEpoch();
      } else if (piece.get().isRow()) {
        checkLength(piece.get());
        finishPiece();
        return Row.whole(piece.get().tokens());
      } else if (packing.keepsDocumentsApart()) {
        addDocument(row);
      } else {
        add(row, piece.get());
      }
    }
    return row.build();
  }

  /** Whether what comes next belongs into a row that holds documents already. */
  private boolean goesOn(RowBuilder row, Optional<TokenPass.Piece> next) {
    return packing == Packing.ISOLATE
        && next.isPresent()
        && !next.get().isRow()
        && (fits(row.room()) || !fits(context));
  }

  /** Whether what is left of the current document has at most so many tokens. */
  private boolean fits(int room) {
    long length = -offset;
    for (TokenPass.Piece piece : pieces) {
      if (piece.isRow()) {
        return length <= room; // the document broke off
      }
      length += piece.tokens().length;
      if (piece.last()) {
        return length <= room;
      }
    }
    while (length <= room) {
      Optional<TokenPass.Piece> piece = read();
      if (piece.isEmpty() || piece.get().isRow()) {
        piece.ifPresent(pieces::add);
        return true; // the document broke off
      }
      pieces.add(piece.get());
      length += piece.get().tokens().length;
      if (piece.get().last()) {
        return length <= room;
      }
    }
    return false;
  }

  /** Adds the current document up to its end or the row's. */
  private void addDocument(RowBuilder row) {
    Optional<TokenPass.Piece> piece = peek();
    while (piece.isPresent() && !piece.get().isRow() && row.room() > 0) {
      boolean last = piece.get().last();
      boolean whole = add(row, piece.get());
      if (whole && last) {
        break;
      }
      piece = peek();
    }
    row.endDocument();
  }

  /** Adds tokens of the first piece, and tells whether that was the rest of it. */
  private boolean add(RowBuilder row, TokenPass.Piece piece) {
    int count = Math.min(row.room(), piece.tokens().length - offset);
    row.add(piece, offset, count);
    offset += count;
    if (offset < piece.tokens().length) {
      return false;
    }
    finishPiece();
    return true;
  }

  /** The first piece that is not used up; empty at the end of the epoch. */
  private Optional<TokenPass.Piece> peek() {
    if (pieces.isEmpty()) {
      read().ifPresent(pieces::add);
    }
    return Optional.ofNullable(pieces.peek());
  }

  private Optional<TokenPass.Piece> read() {
    Optional<TokenPass.Piece> piece = passEnded ? Optional.empty() : pass.next();
    passEnded = piece.isEmpty();
    if (piece.isEmpty()) {
      return piece;
    }
    counts = counts.oneDocument();
    TokenPass.Piece read = withinContext(piece.get());
    passGaveTokens |= read.tokens().length > 0;
    return Optional.of(read);
  }

  private TokenPass.Piece withinContext(TokenPass.Piece piece) {
    if (piece.kind() != TokenPass.Kind.DIALOGUE) {
      return piece;
    }
    boolean tooLong = piece.tokens().length > context;
    TokenPass.Piece cut = tooLong ? piece.cut(context) : piece;
    if (!cut.isLearned()) {
      counts = counts.oneSkipped();
      return piece.cut(0);
    }
    counts = tooLong ? counts.oneCut() : counts;
    return cut;
  }

  private void finishPiece() {
    pieces.remove();
    documents++;
    offset = 0;
  }

  private void nextEpoch() {
    if (!passGaveTokens) {
      throw new InvalidInputException(
          counts.skipped() == 0
              ? "The data holds no tokens: all of its documents are empty."
              : ("The data holds nothing to learn: of %d dialogues none has a token of an answer"
                      + " within the context of %d tokens. Give shorter prompts, or a longer"
                      + " context.")
                  .formatted(counts.skipped(), context));
    }
    pass.close();
    epoch++;
    documents = 0;
    passGaveTokens = false;
    passEnded = false;
    pass = new TokenPass(source, tokenizer, epoch, seed);
  }

  private void checkLength(TokenPass.Piece row) {
    int length = row.tokens().length;
    if (length != context) {
      throw new InvalidInputException(
          ("%s has %d tokens, but the context is %d: a row must fill the context exactly. Set"
                  + " context to %d, or give rows of %d tokens.")
              .formatted(row.origin(), length, context, length, context));
    }
  }

  private DataPosition here() {
    return new DataPosition(epoch, documents, offset);
  }

  /** Where the next row starts; after a failure, where the row starts that failed. */
  public DataPosition position() {
    return position;
  }

  /** What became of the documents that were read since this stream was opened. */
  public RowCounts counts() {
    return counts;
  }

  @Override
  public void close() {
    pass.close();
  }
}
