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

  /**
   * The tokens of one result of a document stream.
   *
   * @param tokens a row, tokens to pack, or a piece of text with the end token after a document's
   *     last piece
   * @param origin where a row comes from; empty for what is packed
   */
  @SuppressWarnings("ArrayRecordComponent") // a long vector that nobody compares
  record Piece(int[] tokens, Optional<String> origin) {
    boolean isRow() {
      return origin.isPresent();
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
      return new Piece(row.tokens(), Optional.of(row.origin()));
    }
    if (document instanceof Document.Tokens tokens) {
      return new Piece(tokens.tokens(), Optional.empty());
    }
    return new Piece(tokens((Document.Text) document), Optional.empty());
  }

  private int[] tokens(Document.Text text) {
    Tokenizer encoder =
        tokenizer.orElseThrow(
            () ->
                new InvalidInputException(
                    "The data is text, but the model has no tokenizer.json to turn it into tokens."
                        + " Put the tokenizer.json into the model's directory, or give rows of"
                        + " tokens with 'use: token-rows'."));
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
