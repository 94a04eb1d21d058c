package org.longlora4j.api.data;

import static java.util.Objects.requireNonNull;

/** What a source gives. */
public sealed interface Document {
  /** Whether a document ends here: what comes next belongs to another one. */
  boolean last();

  /**
   * Text, which the framework turns into tokens and packs.
   *
   * @param text a document, or a piece of a long one cut where a tokenizer does not mind, such as a
   *     line's end
   * @param last whether the document ends here: the model's end token follows
   */
  record Text(String text, boolean last) implements Document {
    /** Requires the text. */
    public Text {
      requireNonNull(text, "text is null");
    }
  }

  /**
   * Tokens that are packed as the tokens of a text are; an end token is among them where one is
   * wanted.
   *
   * @param tokens a document, or a piece of a long one cut anywhere
   * @param last whether the document ends here
   * @param origin where they come from, for messages: a file and a place in it
   */
  @SuppressWarnings("ArrayRecordComponent") // a long vector that nobody compares
  record Tokens(int[] tokens, boolean last, String origin) implements Document {
    /** Requires the tokens and their origin. */
    public Tokens {
      requireNonNull(tokens, "tokens is null");
      requireNonNull(origin, "origin is null");
    }
  }

  /**
   * A row of tokens that is trained on as it stands, neither packed nor followed by an end token.
   *
   * @param tokens as many as the recipe's context
   * @param origin where it comes from, for messages: a file and a place in it
   */
  @SuppressWarnings("ArrayRecordComponent") // a long vector that nobody compares
  record Row(int[] tokens, String origin) implements Document {
    /** Requires both parts. */
    public Row {
      requireNonNull(tokens, "tokens is null");
      requireNonNull(origin, "origin is null");
    }

    @Override
    public boolean last() {
      return true;
    }
  }
}
