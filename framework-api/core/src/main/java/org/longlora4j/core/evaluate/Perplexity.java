package org.longlora4j.core.evaluate;

import java.util.Optional;
import java.util.OptionalLong;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.TokenWindows;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.DenseForward;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.core.train.ChunkedLoss;
import org.longlora4j.core.train.MicroBatch;

/**
 * The exponential of the mean cross entropy over a text that is cut into windows, one after another
 * without overlap; in each, every token but the first is predicted from those before it.
 */
public final class Perplexity {
  private final CausalLanguageModel model;
  private final TorchServices services;

  /**
   * What was measured.
   *
   * @param length of a window in tokens
   * @param perplexity {@code exp(loss)}
   * @param loss mean cross entropy in nats
   * @param tokens how many were predicted
   */
  public record Result(int length, double perplexity, double loss, long tokens) {}

  /** Prepares to measure a model; the caller closes it. */
  public Perplexity(CausalLanguageModel model, TorchServices services) {
    this.model = model;
    this.services = services;
  }

  /**
   * Measures.
   *
   * @param source the documents, read once from the first
   * @param tokenizer the model's, which texts need
   * @param length of a window in tokens, at least 2; windows that the data ends in may be shorter,
   *     but not all of them
   * @param maxTokens ends before the window that would go beyond this many tokens of text
   * @throws InvalidInputException if no window is full
   */
  public Result measure(
      DocumentSource source, Optional<Tokenizer> tokenizer, int length, OptionalLong maxTokens) {
    if (length < 2) {
      throw new InvalidInputException("--length is " + length + ", must be at least 2");
    }
    double sum = 0;
    long counted = 0;
    long read = 0;
    boolean anyFull = false;
    try (TokenWindows windows = new TokenWindows(source, tokenizer, length, 0);
        DenseForward forward = new DenseForward(model, services)) {
      Optional<int[]> window = windows.next();
      while (window.isPresent() && read + window.get().length <= maxTokens.orElse(Long.MAX_VALUE)) {
        read += window.get().length;
        anyFull |= window.get().length == length;
        MicroBatch batch = MicroBatch.ofRows(new int[][] {window.get()});
        sum +=
            forward.run(
                batch.tokens(), hidden -> new ChunkedLoss(model).sum(hidden, batch.labels()));
        counted += batch.counted();
        window = windows.next();
      }
    }
    if (!anyFull) {
      throw new InvalidInputException(
          "the data has no window of %d tokens to measure on, only %d tokens in shorter ones; give"
                  .formatted(length, read)
              + " more text, a shorter --length, or a larger --max-tokens");
    }
    double loss = sum / counted;
    return new Result(length, Math.exp(loss), loss, counted);
  }
}
