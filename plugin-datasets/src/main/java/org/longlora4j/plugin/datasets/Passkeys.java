package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.Random;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.PasskeyPrompt;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.Option;

/**
 * Generated documents of the passkey retrieval test, each with the answer, to train on the task.
 *
 * <p>A document of one key is the published prompt to the letter, drawn as {@link PasskeyPrompt}
 * says, followed by a blank and the key. Documents of several keys name them; see {@link
 * NamedPasskeys}.
 *
 * <p>A document depends on the seed, the epoch and its number alone, so none is kept.
 */
public final class Passkeys implements DocumentSource {
  private final Options options;

  /**
   * What a recipe may say.
   *
   * @param characters how long a document is
   * @param key which numbers are hidden
   * @param keys how many are hidden in each document
   * @param documents how many an epoch has
   */
  public record Options(
      @Option(
              "How many characters a document has at most, prompt and answers together: drawn"
                  + " evenly from min to max. Filler makes up for what the lines leave.")
          Range characters,
      @Option(
              value = "The numbers that are hidden: drawn evenly from min to max.",
              defaultValue = "{min: 1, max: 49999}")
          Range key,
      @Option(
              value =
                  "How many numbers a document hides and asks for; several have names, such as the"
                      + " silver pass key.",
              defaultValue = "1",
              min = 1,
              max = NamedPasskeys.MOST)
          int keys,
      @Option(value = "How many documents an epoch has.", defaultValue = "10000", min = 1)
          long documents) {
    /** Requires room for the lines and some filler. */
    public Options {
      int needed = lines(keys, key.max()) + 1;
      if (characters.min() < needed) {
        throw new IllegalArgumentException(
            "characters.min is %d, must be at least %d: the lines of the prompt take as many"
                .formatted(characters.min(), needed));
      }
      if (characters.max() > TextPieces.MAX_CHARACTERS) {
        throw new IllegalArgumentException(
            "characters.max is %d, must be at most %d"
                .formatted(characters.max(), TextPieces.MAX_CHARACTERS));
      }
    }
  }

  /** A source of documents as the options say. */
  @Inject
  public Passkeys(Options options) {
    this.options = options;
  }

  /** The most characters that all of a document but its filler takes. */
  private static int lines(int keys, int largestKey) {
    return keys == 1
        ? withAnswer(new PasskeyPrompt(0, 0, largestKey)).length()
        : NamedPasskeys.mostCharacters(keys, largestKey);
  }

  private static String withAnswer(PasskeyPrompt prompt) {
    return prompt.text() + " " + prompt.answer();
  }

  private String document(long seed) {
    Random random = new Random(seed);
    int length = options.characters().drawn(random);
    Range key = options.key();
    if (options.keys() == 1) {
      int garbage = length - lines(1, key.max());
      long seedOfPrompt = Integer.toUnsignedLong(random.nextInt());
      return withAnswer(PasskeyPrompt.drawn(garbage, key.min(), key.max(), seedOfPrompt));
    }
    return NamedPasskeys.drawn(options.keys(), key.min(), key.max(), random).text(length, random);
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new GeneratedStream(
        options.documents(),
        number -> new Document.Text(document(DocumentOrder.seed(seed, epoch, number)), true));
  }
}
