package org.longlora4j.plugin.datasets;

import com.google.inject.Inject;
import java.util.SplittableRandom;
import org.longlora4j.api.data.Document;
import org.longlora4j.api.data.DocumentOrder;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.data.DocumentStream;
import org.longlora4j.api.plugin.Option;

/**
 * Documents of token ids drawn evenly, to measure training without a tokenizer or a file. There is
 * nothing in them to learn.
 *
 * <p>A document depends on the seed, the epoch and its number alone, so none is kept.
 */
public final class RandomTokens implements DocumentSource {
  private final Options options;

  /**
   * What a recipe may say.
   *
   * @param vocabulary how many ids there are to draw from
   * @param length how many tokens a document has
   * @param documents how many an epoch has
   */
  public record Options(
      @Option(
              value = "How many ids there are to draw from, as many as the model has at most.",
              min = 1)
          int vocabulary,
      @Option(
              value = "How many tokens a document has.",
              defaultValue = "4096",
              min = 1,
              max = 1 << 24)
          int length,
      @Option(value = "How many documents an epoch has.", defaultValue = "10000", min = 1)
          long documents) {}

  /** A source of documents as the options say. */
  @Inject
  public RandomTokens(Options options) {
    this.options = options;
  }

  @Override
  public DocumentStream open(int epoch, long seed) {
    return new GeneratedStream(
        options.documents(),
        number ->
            new Document.Tokens(
                tokens(DocumentOrder.seed(seed, epoch, number)),
                true,
                "random tokens, document " + number));
  }

  private int[] tokens(long seed) {
    return new SplittableRandom(seed).ints(options.length(), 0, options.vocabulary()).toArray();
  }
}
