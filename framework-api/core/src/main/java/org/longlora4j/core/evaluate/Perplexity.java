package org.longlora4j.core.evaluate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.SlidingWindows;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.model.CachedSequence;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.tensor.TorchServices;

/**
 * The exponential of the mean cross entropy over a text in sliding windows, in each of which a
 * token is predicted from those before it (Press et al., arXiv:2108.12409, appendix B; LongLoRA,
 * arXiv:2309.12307, section 4.1).
 *
 * <p>Windows begin at 0, step, 2 · step, …; those that the text does not fill are left out. Of a
 * window, a chunk of positions is in memory at a time beside the keys and values of all.
 */
public final class Perplexity {
  private final CausalLanguageModel model;
  private final TorchServices services;

  /** Which tokens of overlapping windows are scored. */
  public enum Scoring {
    /** Every token but a window's first, in every window, as the published script does. */
    ALL,
    /** Only those that no window before has scored: each token once, with the most context. */
    NEW
  }

  /**
   * How to measure.
   *
   * @param length of a window in tokens, at least 2
   * @param step from one window's begin to the next one's, at least 1
   * @param scoring which tokens are scored
   * @param maxTokens ends before the window that would go beyond this many tokens of text
   */
  public record Settings(int length, int step, Scoring scoring, OptionalLong maxTokens) {
    /**
     * Checks the ranges.
     *
     * @throws InvalidInputException if one is out of range
     */
    public Settings {
      if (length < 2) {
        throw new InvalidInputException("--length is " + length + ", must be at least 2");
      }
      if (step < 1) {
        throw new InvalidInputException("--window is " + step + ", must be at least 1");
      }
    }

    /** Windows one after another, without overlap. */
    public static Settings disjoint(int length, OptionalLong maxTokens) {
      return new Settings(length, length, Scoring.ALL, maxTokens);
    }
  }

  /**
   * What was measured.
   *
   * @param settings how
   * @param perplexity {@code exp(loss)}
   * @param loss mean cross entropy in nats
   * @param bitsPerByte the cross entropies in bits over the bytes of UTF-8 that the scored tokens
   *     stand for, where an end token stands for none; empty where the text is not known
   * @param accuracy the share of scored tokens that were the likeliest
   * @param tokens how many were scored
   * @param windows how many there were
   */
  public record Result(
      Settings settings,
      double perplexity,
      double loss,
      OptionalDouble bitsPerByte,
      double accuracy,
      long tokens,
      long windows) {}

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
   * @param settings how
   * @throws InvalidInputException if no window is full
   */
  public Result measure(DocumentSource source, Optional<Tokenizer> tokenizer, Settings settings) {
    Score score = new Score();
    long most = settings.maxTokens().orElse(Long.MAX_VALUE);
    long read = 0;
    try (SlidingWindows windows =
            new SlidingWindows(source, tokenizer, settings.length(), settings.step());
        CachedSequence sequence = CachedSequence.dense(model, services)) {
      Optional<SlidingWindows.Window> window = windows.next();
      while (window.isPresent() && read + fresh(window.get()) <= most) {
        read += fresh(window.get());
        score.add(window.get(), sequence, settings.scoring());
        window = windows.next();
      }
    }
    if (score.windows == 0) {
      throw new InvalidInputException(
          "the data has no window of %d tokens to measure on; give more text, a shorter --length,"
                  .formatted(settings.length())
              + " or a larger --max-tokens");
    }
    return score.result(settings);
  }

  private static int fresh(SlidingWindows.Window window) {
    return window.tokens().length - window.seen();
  }

  /** What windows add up to. */
  private final class Score {
    private double nats;
    private double correct;
    private long tokens;
    private long bytes;
    private boolean textKnown = true;
    private long windows;

    void add(SlidingWindows.Window window, CachedSequence sequence, Scoring scoring) {
      int firstScored = scoring == Scoring.ALL ? 1 : Math.max(1, window.seen());
      int[] ids = window.tokens();
      sequence.clear();
      sequence.append(
          ids,
          (first, hidden) -> {
            int end = Math.min(first + (int) hidden.getShape().get(1), ids.length - 1);
            for (int at = Math.max(first, firstScored - 1); at < end; ) {
              int count = Math.min(model.positionsPerChunk(), end - at);
              add(hidden, at - first, Arrays.copyOfRange(ids, at + 1, at + 1 + count));
              at += count;
            }
          });
      tokens += ids.length - firstScored;
      for (int i = firstScored; i < ids.length; i++) {
        textKnown &= window.bytes()[i] != SlidingWindows.UNKNOWN;
        bytes += window.bytes()[i];
      }
      windows++;
    }

    /** The positions of a chunk that predict some tokens. */
    private void add(NDArray hidden, int begin, int[] predicted) {
      try (NDManager scope = hidden.getManager().newSubManager()) {
        NDArray labels = scope.create(Arrays.stream(predicted).asLongStream().toArray());
        float[] scores =
            model
                .scores(model.positions(scope, hidden, begin, predicted.length), labels)
                .toFloatArray();
        for (int i = 0; i < predicted.length; i++) {
          nats += scores[i];
          correct += scores[predicted.length + i];
        }
      }
    }

    Result result(Settings settings) {
      double loss = nats / tokens;
      boolean hasText = textKnown && bytes > 0;
      return new Result(
          settings,
          Math.exp(loss),
          loss,
          hasText ? OptionalDouble.of(nats / Math.log(2) / bytes) : OptionalDouble.empty(),
          correct / tokens,
          tokens,
          windows);
    }
  }
}
