package org.longlora4j.core.data;

import java.util.Arrays;
import java.util.Optional;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.InvalidInputException;

/** One pass over a source's documents, as tokens. Only the current piece is in memory. */
final class TokenPass implements AutoCloseable {
  private final DocumentStream documents;
  private final Optional<Tokenizer> tokenizer;

  TokenPass(DocumentSource source, Optional<Tokenizer> tokenizer, int epoch, long seed) {
    this.documents = source.open(epoch, seed);
    this.tokenizer = tokenizer;
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
   * @param last whether a document ends with it
   * @param origin where it comes from; empty for text
   */
  @SuppressWarnings("ArrayRecordComponent") // long vectors that nobody compares
  record Piece(Kind kind, int[] tokens, boolean[] learned, boolean last, String origin) {
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
          kind, Arrays.copyOf(tokens, length), Arrays.copyOf(learned, length), last, origin);
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
      return new Piece(Kind.ROW, row.tokens(), learned(row.tokens().length), true, row.origin());
    }
    if (document instanceof Document.Tokens packed) {
      int count = packed.tokens().length;
      return new Piece(Kind.TEXT, packed.tokens(), learned(count), packed.last(), packed.origin());
    }
    if (document instanceof Document.Text text) {
      int[] tokens = tokens(text);
      return new Piece(Kind.TEXT, tokens, learned(tokens.length), text.last(), "");
    }
    if (document instanceof Document.Dialogue dialogue) {
      return piece(requireTokenizer().encode(dialogue), dialogue.origin());
    }
    Document.Conversation conversation = (Document.Conversation) document;
    return piece(requireTokenizer().encode(conversation), conversation.origin());
  }

  private static Piece piece(MarkedTokens marked, String origin) {
    return new Piece(Kind.DIALOGUE, marked.tokens(), marked.learned(), true, origin);
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

  private int[] tokens(Document.Text text) {
    Tokenizer encoder = requireTokenizer();
    int[] tokens = encoder.encode(text.text());
    if (text.last()) {
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = encoder.endToken();
    }
    return tokens;
  }

  @Override
  public void close() {
    documents.close();
  }
}
