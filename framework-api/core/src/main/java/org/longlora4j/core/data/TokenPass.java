package org.longlora4j.core.data;

import java.util.Arrays;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.InvalidInputException;

/** One pass over a source's documents, as tokens. Only the current piece is in memory. */
final class TokenPass implements AutoCloseable {
  /** Stands for the bytes of a token whose text is not known. */
  static final int UNKNOWN = -1;

  private final DocumentStream documents;
  private final Optional<Tokenizer> tokenizer;
  private final boolean measured;

  TokenPass(DocumentSource source, Optional<Tokenizer> tokenizer, int epoch, long seed) {
    this(source.open(epoch, seed), tokenizer, false);
  }

  private TokenPass(DocumentStream documents, Optional<Tokenizer> tokenizer, boolean measured) {
    this.documents = documents;
    this.tokenizer = tokenizer;
    this.measured = measured;
  }

  /** A pass over the first epoch that also tells how much text each token stands for. */
  static TokenPass measured(DocumentSource source, Optional<Tokenizer> tokenizer) {
    return new TokenPass(source.open(0, 0), tokenizer, true);
  }

  /** What a piece is part of. */
  enum Kind {
    /** A row, which stands for itself. */
    ROW,
    /** A text, of which all is learned. */
    TEXT,
    /** Prompts and answers, which come in one piece. */
    DIALOGUE
  }

  /**
   * The tokens of one result of a document stream.
   *
   * @param kind what it is part of
   * @param tokens a row; tokens to pack; a piece of text with the end token after a document's last
   *     piece; or a whole dialogue
   * @param learned for each token whether a loss is counted on it
   * @param bytes for each token those of its text in UTF-8, 0 for an end token, {@link #UNKNOWN}
   *     where it comes from no text; none at all unless the pass is measured
   * @param last whether a document ends with it
   * @param origin where it comes from; empty for text
   */
  @SuppressWarnings("ArrayRecordComponent") // long vectors that nobody compares
  record Piece(
      Kind kind, int[] tokens, boolean[] learned, int[] bytes, boolean last, String origin) {
    boolean isRow() {
      return kind == Kind.ROW;
    }

    /** Whether a loss is counted on any token that others come before. */
    boolean isLearned() {
      for (int i = 1; i < learned.length; i++) {
        if (learned[i]) {
          return true;
        }
      }
      return false;
    }

    /** The first tokens. */
    Piece cut(int length) {
      return new Piece(
          kind,
          Arrays.copyOf(tokens, length),
          Arrays.copyOf(learned, length),
          Arrays.copyOf(bytes, Math.min(length, bytes.length)),
          last,
          origin);
    }
  }

  /** Passes over results of the document stream. */
  void skip(long count) {
    documents.skip(count);
  }

  /** The next result's tokens; empty at the end of the pass. */
  Optional<Piece> next() {
    return documents.next().map(this::piece);
  }

  private Piece piece(Document document) {
    if (document instanceof Document.Row row) {
      return piece(Kind.ROW, row.tokens(), true, row.origin());
    }
    if (document instanceof Document.Tokens packed) {
      return piece(Kind.TEXT, packed.tokens(), packed.last(), packed.origin());
    }
    if (document instanceof Document.Text text) {
      return piece(text);
    }
    if (document instanceof Document.Dialogue dialogue) {
      return piece(requireTokenizer().encode(dialogue), dialogue.origin());
    }
    Document.Conversation conversation = (Document.Conversation) document;
    return piece(requireTokenizer().encode(conversation), conversation.origin());
  }

  private Piece piece(Kind kind, int[] tokens, boolean last, String origin) {
    return new Piece(kind, tokens, learned(tokens.length), unknown(tokens.length), last, origin);
  }

  private Piece piece(MarkedTokens marked, String origin) {
    int[] tokens = marked.tokens();
    return new Piece(Kind.DIALOGUE, tokens, marked.learned(), unknown(tokens.length), true, origin);
  }

  private int[] unknown(int count) {
    int[] bytes = new int[measured ? count : 0];
    Arrays.fill(bytes, UNKNOWN);
    return bytes;
  }

  private static boolean[] learned(int count) {
    boolean[] learned = new boolean[count];
    Arrays.fill(learned, true);
    return learned;
  }

  private Tokenizer requireTokenizer() {
    return tokenizer.orElseThrow(
        () ->
            new InvalidInputException(
                "The data is text, but the model has no tokenizer.json to turn it into tokens."
                    + " Put the tokenizer.json into the model's directory, or give rows of"
                    + " tokens with 'use: token-rows'."));
  }

  private Piece piece(Document.Text text) {
    Tokenizer encoder = requireTokenizer();
    Tokenizer.MeasuredText encoded =
        measured
            ? encoder.encodeMeasured(text.text())
            : new Tokenizer.MeasuredText(encoder.encode(text.text()), new int[0]);
    int[] tokens = encoded.tokens();
    int[] bytes = encoded.bytes();
    if (text.last()) {
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = encoder.endToken();
      bytes = Arrays.copyOf(bytes, measured ? tokens.length : 0);
    }
    return new Piece(Kind.TEXT, tokens, learned(tokens.length), bytes, text.last(), "");
  }

  @Override
  public void close() {
    documents.close();
  }
}
