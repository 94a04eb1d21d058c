package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;

/**
 * A model over one growing sequence of tokens, whose keys and values are kept from call to call.
 *
 * <p>Tokens go through all layers in chunks, so that what a chunk needs is in memory at once, and
 * beside it the keys and values of the sequence, whose memory grows with it.
 */
public final class CachedSequence implements AutoCloseable {
  private final CausalLanguageModel model;
  private final KeyValueCache cache;
  private int[] tokens = new int[64];
  private int length;

  /** Takes what the last layer gives for a chunk. */
  @FunctionalInterface
  public interface ChunkUse {
    /**
     * Takes one chunk.
     *
     * @param first the place in the sequence of its first token
     * @param hidden shape (1, tokens, hidden), closed afterwards
     */
    void accept(int first, NDArray hidden);
  }

  private CachedSequence(CausalLanguageModel model, KeyValueCache cache) {
    this.model = model;
    this.cache = cache;
  }

  /**
   * An empty sequence in which every token attends to all before it. What comes out equals a pass
   * without a cache: where the length changes the rotary frequencies, the sequence is run anew.
   *
   * @param model loaded; the caller closes it after the sequence
   * @param services the engine
   */
  public static CachedSequence dense(CausalLanguageModel model, TorchServices services) {
    return new CachedSequence(model, new CachedAttention(model, services));
  }

  /**
   * An empty sequence in which every token attends to the first ones and to the latest ones.
   *
   * @param model loaded; the caller closes it after the sequence
   * @param services the engine
   * @param kept how many of them
   */
  public static CachedSequence rolling(
      CausalLanguageModel model, TorchServices services, SinkWindow kept) {
    return new CachedSequence(model, new RollingAttention(model, services, kept));
  }

  /** How many tokens there are. */
  public int length() {
    return length;
  }

  /**
   * Refuses a length that the model was not made for, before any work is done.
   *
   * @param wanted in tokens that the sequence may reach
   * @throws org.longlora4j.api.plugin.InvalidInputException if it is beyond the sliding window
   */
  public void requireRoom(int wanted) {
    cache.requireRoom(wanted);
  }

  /**
   * Makes this another sequence, and keeps what both begin with.
   *
   * @param wanted all tokens of the other one, at least one
   * @return the scores of every token of the vocabulary as the next one
   * @throws org.longlora4j.api.plugin.InvalidInputException as {@link #append} does
   */
  public float[] become(int[] wanted) {
    // The last token's scores are wanted, and were not kept.
    int most = Math.min(length, wanted.length - 1);
    int mismatch = Arrays.mismatch(tokens, 0, most, wanted, 0, most);
    truncate(mismatch < 0 ? most : mismatch);
    return scoresAfter(Arrays.copyOfRange(wanted, length, wanted.length));
  }

  /** Makes this an empty sequence; its memory stays. */
  public void clear() {
    truncate(0);
  }

  private void truncate(int wanted) {
    length = cache.truncate(wanted);
  }

  /**
   * Appends tokens.
   *
   * @param more at least one
   * @return the scores of every token of the vocabulary as the next one
   * @throws org.longlora4j.api.plugin.InvalidInputException as {@link #append} does
   */
  public float[] scoresAfter(int[] more) {
    LastScores last = new LastScores(length + more.length);
    append(more, last);
    return last.scores;
  }

  /**
   * Appends tokens.
   *
   * @param more at least one
   * @param use takes the last layer's output, chunk by chunk
   * @throws org.longlora4j.api.plugin.InvalidInputException if a token is not in the vocabulary, or
   *     the sequence becomes longer than the model's sliding window
   */
  public void append(int[] more, ChunkUse use) {
    model.config().requireInVocabulary(more);
    int end = Math.addExact(length, more.length);
    if (tokens.length < end) {
      tokens = Arrays.copyOf(tokens, (int) Math.max(end, Math.min(Integer.MAX_VALUE, 2L * length)));
    }
    System.arraycopy(more, 0, tokens, length, more.length);
    int before = length;
    if (!cache.prepare(end)) {
      truncate(0);
      run(before, (first, hidden) -> {});
    }
    run(end, use);
  }

  private void run(int end, ChunkUse use) {
    while (length < end) {
      int first = length;
      int count = Math.min(end - first, cache.mostAtOnce());
      cache.expect(count);
      length += count;
      int[][] chunk = {Arrays.copyOfRange(tokens, first, length)};
      Autograd.silent(
          () -> {
            try (NDManager scope = model.manager().newSubManager()) {
              use.accept(first, model.hidden(model.tokens(scope, chunk), cache));
              return null;
            }
          });
    }
  }

  @Override
  public void close() {
    cache.close();
  }

  /** Keeps the scores behind the last token. */
  private final class LastScores implements ChunkUse {
    private final int end;
    private float[] scores = {};

    LastScores(int end) {
      this.end = end;
    }

    @Override
    public void accept(int first, NDArray hidden) {
      long count = hidden.getShape().get(1);
      if (first + count == end) {
        NDArray last = model.positions(hidden.getManager(), hidden, count - 1, 1);
        scores = model.logits(last).toFloatArray();
      }
    }
  }
}
