package org.longlora4j.core.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.data.ChatMessage;
import org.longlora4j.core.data.Tokenizer;

/**
 * A conversation with a model, about a document or about nothing in particular, as the tokens that
 * the model is prompted with.
 *
 * <p>They are worded by the tokenizer's chat template, and the document stands before the first
 * question. A tokenizer without a template gets a plain transcript: {@code User: …}, {@code
 * Assistant: …}. Either way what was said before comes first and does not change, so that a cache
 * of keys and values holds from one question to the next.
 */
public final class Conversation {
  private static final String USER = "User:";
  private static final String ASSISTANT = "Assistant:";

  private final Tokenizer tokenizer;
  private final Optional<String> document;
  private final boolean templated;
  private final List<ChatMessage> messages = new ArrayList<>();

  /**
   * Begins.
   *
   * @param tokenizer open as long as something is said
   * @param document what the conversation is about
   */
  public Conversation(Tokenizer tokenizer, Optional<String> document) {
    this.tokenizer = tokenizer;
    this.document = document;
    templated = tokenizer.hasChatTemplate();
  }

  /** Strings that end an answer, beside the end tokens. */
  public List<String> stops() {
    return templated ? List.of() : List.of("\n" + USER);
  }

  /** What was said so far. */
  public List<ChatMessage> messages() {
    return List.copyOf(messages);
  }

  /**
   * Asks.
   *
   * @return all tokens that the answer is to follow
   * @throws org.longlora4j.api.plugin.InvalidInputException if the template refuses the question,
   *     which then counts as not asked
   */
  public int[] ask(String question) {
    messages.add(new ChatMessage(ChatMessage.USER, question));
    boolean asked = false;
    try {
      int[] prompt = prompt(messages);
      asked = true;
      return prompt;
    } finally {
      if (!asked) {
        messages.remove(messages.size() - 1);
      }
    }
  }

  /** Takes the answer to what was asked. */
  public void answer(String answer) {
    messages.add(new ChatMessage(ChatMessage.ASSISTANT, answer.strip()));
  }

  /** Forgets what was said; the document stays. */
  public void reset() {
    messages.clear();
  }

  /** The tokens that any first question follows: the document's, and what stands before it. */
  public int[] opening() {
    int[] one = prompt(List.of(new ChatMessage(ChatMessage.USER, "a")));
    int[] other = prompt(List.of(new ChatMessage(ChatMessage.USER, "B")));
    int mismatch = Arrays.mismatch(one, other);
    return Arrays.copyOf(one, mismatch < 0 ? one.length : mismatch);
  }

  private int[] prompt(List<ChatMessage> said) {
    List<ChatMessage> all = new ArrayList<>(said);
    if (templated) {
      document.ifPresent(
          text ->
              all.set(0, new ChatMessage(all.get(0).role(), text + "\n\n" + all.get(0).content())));
      return tokenizer.encodeChat(all);
    }
    StringBuilder transcript = new StringBuilder();
    document.ifPresent(text -> transcript.append(text).append("\n\n"));
    for (ChatMessage message : all) {
      transcript
          .append(message.isAssistants() ? ASSISTANT : USER)
          .append(' ')
          .append(message.content())
          .append('\n');
    }
    return tokenizer.encodePrompt(transcript.append(ASSISTANT).toString());
  }
}
