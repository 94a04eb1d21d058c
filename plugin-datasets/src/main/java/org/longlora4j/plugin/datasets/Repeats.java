package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.Random;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.data.TextPieces;
import org.longlora4j.api.plugin.Option;

/**
 * Generated documents that each say one random text several times, a blank between.
 *
 * <p>From the second time on all of the text can be told, by a model that finds where it stood
 * before and copies. A model pretrained from nothing learns that here long before it would from
 * prose (Olsson et al., "In-context Learning and Induction Heads", 2022), and needs it to retrieve.
 *
 * <p>A document depends on the seed, the epoch and its number alone, so none is kept.
 */
public final class Repeats implements DocumentSource {
  private final Options options;

  /**
   * What a recipe may say.
   *
   * @param alphabet the characters that the text is drawn from
   * @param characters how long the text is
   * @param times how often it is said
   * @param documents how many an epoch has
   */
  public record Options(
      @Option(
              value = "The characters that the text is drawn from, evenly.",
              defaultValue = "abcdefghijklmnopqrstuvwxyz0123456789")
          String alphabet,
      @Option("How many characters the text has: drawn evenly from min to max.") Range characters,
      @Option(
              value = "How often the text is said: drawn evenly from min to max.",
              defaultValue = "{min: 2, max: 2}")
          Range times,
      @Option(value = "How many documents an epoch has.", defaultValue = "10000", min = 1)
          long documents) {
    /** Requires an alphabet, and documents of a size that can be held. */
    public Options {
      if (alphabet.isEmpty()) {
        throw new IllegalArgumentException("alphabet is empty; give the characters to draw from");
      }
      long longest = (characters.max() + 1L) * times.max();
      if (longest > TextPieces.MAX_CHARACTERS) {
        throw new IllegalArgumentException(
            "characters.max and times.max make documents of %d characters, must be at most %d"
                .formatted(longest, TextPieces.MAX_CHARACTERS));
      }
    }
  }

  /** A source of documents as the options say. */
  @Inject
  public Repeats(Options options) {
    this.options = options;
  }

  private Document document(long seed) {
    Random random = new Random(seed);
    int[] alphabet = options.alphabet().codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = options.characters().drawn(random); i > 0; i--) {
      text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
    }
    String repeated = (text + " ").repeat(options.times().drawn(random)).stripTrailing();
    return new Document.Text(repeated, true);
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new GeneratedStream(
        options.documents(), number -> document(DocumentOrder.seed(seed, epoch, number)));
  }
}
