package org.longlora4j.api.data;

import static java.util.Objects.requireNonNull;

import org.osgi.annotation.versioning.ProviderType;

/** What a source gives. */
@ProviderType
public sealed interface Document {
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
  }
}
