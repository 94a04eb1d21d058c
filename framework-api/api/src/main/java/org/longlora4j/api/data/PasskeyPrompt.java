package org.longlora4j.api.data;

/**
 * The prompt of the passkey retrieval test: a number within repeated filler, asked for at the end.
 *
 * <p>Five lines: what is to come, filler, the number, filler, and the question, which the answer
 * continues. It is that of Mohtashami and Jaggi, "Landmark Attention" (arXiv:2305.16300, section
 * 4.2), to the letter, with which Chen et al., "LongLoRA" (arXiv:2309.12307, section 4.2), measure
 * retrieval.
 *
 * @param before characters of filler before the number
 * @param after characters of filler after it
 * @param key the number
 */
public record PasskeyPrompt(int before, int after, int key) {
  /** The smallest key that the published test hides. */
  public static final int SMALLEST_KEY = 1;

  /** The largest key that the published test hides. */
  public static final int LARGEST_KEY = 49_999;

  private static final String TASK =
      "There is an important info hidden inside a lot of irrelevant text. Find it and memorize"
          + " them. I will quiz you about the important information there.";
  private static final String FILLER =
      "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again. ";
  private static final String QUESTION = "What is the pass key? The pass key is";

  /** Requires that no number is negative. */
  public PasskeyPrompt {
    if (before < 0 || after < 0 || key < 0) {
      throw new IllegalArgumentException(
          "no prompt has %d characters before and %d after the key %d"
              .formatted(before, after, key));
    }
  }

  /**
   * The published test's prompt, place and key drawn as by {@code numpy.random.seed(seed)} and two
   * calls of {@code randint}.
   *
   * @param garbage characters of filler in all, at least 1
   * @param seed from 0 to 2^32 - 1
   */
  public static PasskeyPrompt drawn(int garbage, long seed) {
    return drawn(garbage, SMALLEST_KEY, LARGEST_KEY, seed);
  }

  /**
   * A prompt drawn as the published ones, with keys of another range.
   *
   * @param garbage characters of filler in all, at least 1
   * @param smallestKey that may be drawn
   * @param largestKey that may be drawn
   * @param seed from 0 to 2^32 - 1
   */
  public static PasskeyPrompt drawn(int garbage, int smallestKey, int largestKey, long seed) {
    MersenneTwister random = new MersenneTwister(seed);
    int before = random.between(0, garbage);
    int key = random.between(smallestKey, Math.addExact(largestKey, 1));
    return new PasskeyPrompt(before, garbage - before, key);
  }

  /**
   * The same key elsewhere.
   *
   * @param depth how much of the filler comes before the number, from 0 to 1
   */
  public PasskeyPrompt atDepth(double depth) {
    int garbage = before + after;
    int moved = (int) Math.round(depth * garbage);
    return new PasskeyPrompt(moved, garbage - moved, key);
  }

  /** The five lines, without the answer. */
  public String text() {
    return String.join("\n", task(), filler(before), statement(key), filler(after), question());
  }

  /** What a model that found the number puts after the prompt, following a blank. */
  public String answer() {
    return Integer.toString(key);
  }

  /** The line that says what is to come. */
  public static String task() {
    return TASK;
  }

  /** The first characters of endlessly repeated sentences that say nothing. */
  public static String filler(int characters) {
    return FILLER.repeat(characters / FILLER.length() + 1).substring(0, characters);
  }

  /** The line that tells a number. */
  public static String statement(int key) {
    return "The pass key is %d. Remember it. %d is the pass key.".formatted(key, key);
  }

  /** The line that asks for the number; it ends where the answer is to follow. */
  public static String question() {
    return QUESTION;
  }
}
