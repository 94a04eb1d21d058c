package org.longlora4j.api.data;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** What a source gives. */
@ProviderType
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

  /**
   * Prompts and answers, of which the answers alone are learned: no loss is counted on a prompt.
   *
   * <p>The first prompt begins as the tokenizer begins a text. After each answer the model's end
   * token follows, which is learned too, so that a model learns where to stop.
   *
   * @param exchanges at least one, in their order
   * @param eachBegins whether every prompt, and not the first alone, begins as a text does
   * @param origin where it comes from, for messages: a file and a place in it
   */
  record Dialogue(List<Exchange> exchanges, boolean eachBegins, String origin) implements Document {
    /**
     * Requires all parts.
     *
     * @throws IllegalArgumentException if there is no exchange
     */
    public Dialogue {
      exchanges = List.copyOf(exchanges);
      requireNonNull(origin, "origin is null");
      if (exchanges.isEmpty()) {
        throw new IllegalArgumentException("a dialogue has no exchange");
      }
    }

    @Override
    public boolean last() {
      return true;
    }
  }

  /**
   * A prompt and its answer, both with all that a prompt template puts around them.
   *
   * @param prompt what the model is given
   * @param answer what it is to say, up to its end token
   */
  record Exchange(String prompt, String answer) {
    /** Requires both parts. */
    public Exchange {
      requireNonNull(prompt, "prompt is null");
      requireNonNull(answer, "answer is null");
    }

    /** Characters of both, in UTF-16 units. */
    public int length() {
      return prompt.length() + answer.length();
    }
  }

  /**
   * Messages that the tokenizer's own chat template turns into text. What the assistant says is
   * learned, and how the template ends it.
   *
   * @param messages at least one of them the assistant's
   * @param origin where it comes from, for messages: a file and a place in it
   */
  record Conversation(List<ChatMessage> messages, String origin) implements Document {
    /** Requires both parts. */
    public Conversation {
      messages = List.copyOf(messages);
      requireNonNull(origin, "origin is null");
    }

    @Override
    public boolean last() {
      return true;
    }
  }
}
