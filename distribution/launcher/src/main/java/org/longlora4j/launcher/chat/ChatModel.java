package org.longlora4j.launcher.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.generate.Generator;
import org.longlora4j.core.generate.StreamedText;
import org.longlora4j.core.model.CachedSequence;

/** Answers, and keeps the keys and values of what was read from one answer to the next. */
public final class ChatModel {
  private final Generator generator;
  private final CachedSequence sequence;
  private final Tokenizer tokenizer;
  private final Generator.Settings settings;
  private final List<String> stops;
  private final int contextLength;

  /**
   * Prepares to answer.
   *
   * @param generator of the model
   * @param sequence of the same model, which the caller closes
   * @param tokenizer open
   * @param settings how to answer
   * @param stops strings that end an answer
   * @param contextLength what the model was made for, in tokens
   */
  public ChatModel(
      Generator generator,
      CachedSequence sequence,
      Tokenizer tokenizer,
      Generator.Settings settings,
      List<String> stops,
      int contextLength) {
    this.generator = generator;
    this.sequence = sequence;
    this.tokenizer = tokenizer;
    this.settings = settings;
    this.stops = List.copyOf(stops);
    this.contextLength = contextLength;
  }

  /** What the model was made for, in tokens. */
  int contextLength() {
    return contextLength;
  }

  /** How many tokens were read and written. */
  int length() {
    return sequence.length();
  }

  /** Reads what all prompts will begin with. */
  public void read(int[] opening) {
    if (opening.length > 0) {
      sequence.become(opening);
    }
  }

  /**
   * Answers.
   *
   * @param prompt what was said so far
   * @param more strings that end this answer, beside those of the settings
   * @param sink takes the answer as it comes
   * @param stopped whether it is to end
   * @return the answer
   */
  String answer(int[] prompt, List<String> more, Consumer<String> sink, BooleanSupplier stopped) {
    List<String> all = new ArrayList<>(stops);
    all.addAll(more);
    StreamedText text = new StreamedText(tokenizer, prompt, all, sink);
    generator.generate(
        sequence, prompt, settings, token -> text.accept(token) && !stopped.getAsBoolean());
    text.end();
    return text.text();
  }
}
