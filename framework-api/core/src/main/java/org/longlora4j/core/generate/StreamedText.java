package org.longlora4j.core.generate;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.longlora4j.core.data.Tokenizer;

/**
 * Turns tokens into text as they come, and ends it before a stop string.
 *
 * <p>What may still change is held back: the bytes of a character that is not whole yet, and what a
 * stop string may begin with. Tokens are decoded with those before them, since a tokenizer may show
 * a token otherwise at the beginning of a text.
 */
public final class StreamedText {
  private static final int TOKENS_BEFORE = 8;
  private static final char INCOMPLETE = '\ufffd';

  private final Tokenizer tokenizer;
  private final List<String> stops;
  private final Consumer<String> sink;
  private final StringBuilder passedOn = new StringBuilder();
  private int[] window; // tokens that are decoded together
  private int shown; // how many tokens of the window were passed on as text
  private String held = ""; // whole characters that may begin a stop string
  private boolean stopped;

  /**
   * Begins behind a prompt.
   *
   * @param tokenizer open as long as tokens come
   * @param prompt what the tokens follow
   * @param stops strings that end the text and are no part of it
   * @param sink takes pieces of the text, in order
   */
  public StreamedText(
      Tokenizer tokenizer, int[] prompt, List<String> stops, Consumer<String> sink) {
    this.tokenizer = tokenizer;
    this.stops = List.copyOf(stops);
    this.sink = sink;
    window = Arrays.copyOfRange(prompt, Math.max(0, prompt.length - TOKENS_BEFORE), prompt.length);
    shown = window.length;
  }

  /**
   * Takes the next token.
   *
   * @return whether the text goes on: false once a stop string has come
   */
  public boolean accept(int token) {
    if (stopped) {
      return false;
    }
    window = Arrays.copyOf(window, window.length + 1);
    window[window.length - 1] = token;
    String text = undecoded();
    if (!text.isEmpty() && text.charAt(text.length() - 1) != INCOMPLETE) {
      moveOn();
      add(text);
    }
    return !stopped;
  }

  /** The text of the tokens that were not passed on yet. */
  private String undecoded() {
    String before = tokenizer.decode(Arrays.copyOf(window, shown));
    String all = tokenizer.decode(window);
    return all.startsWith(before) ? all.substring(before.length()) : "";
  }

  private void moveOn() {
    int drop = Math.max(0, window.length - TOKENS_BEFORE);
    window = Arrays.copyOfRange(window, drop, window.length);
    shown = window.length;
  }

  private void add(String text) {
    held += text;
    int stop = firstStop();
    stopped = stop >= 0;
    int end = stopped ? stop : held.length() - beginningOfAStop();
    pass(held.substring(0, end));
    held = stopped ? "" : held.substring(end);
  }

  private int firstStop() {
    return stops.stream().mapToInt(held::indexOf).filter(at -> at >= 0).min().orElse(-1);
  }

  /** How much of the end a stop string may begin with. */
  private int beginningOfAStop() {
    for (int start = 0; start < held.length(); start++) {
      String end = held.substring(start);
      if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
        return end.length();
      }
    }
    return 0;
  }

  private void pass(String text) {
    if (!text.isEmpty()) {
      passedOn.append(text);
      sink.accept(text);
    }
  }

  /** Passes on what was held back: there are no more tokens. */
  public void end() {
    if (!stopped) {
      add(undecoded());
      moveOn();
    }
    if (!stopped) {
      pass(held);
      held = "";
    }
  }

  /** All that was passed on. */
  public String text() {
    return passedOn.toString();
  }
}
