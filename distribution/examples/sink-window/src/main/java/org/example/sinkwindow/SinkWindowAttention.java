package org.example.sinkwindow;

import ai.djl.ndarray.NDArray;
import com.google.inject.Inject;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.KernelCompiler;

/**
 * A sliding window with attention sinks: query {@code i} sees the first {@code S} positions and the
 * {@code W} positions {@code i − W + 1 … i} (StreamingLLM, arXiv:2309.17453, section 3.2, whose
 * cache keeps the same positions; here it is what queries see in training).
 *
 * <p>Queries go in blocks of {@code W}, each with the sinks and with {@code 2 W − 1} keys under a
 * mask, so memory is linear in the length of the document.
 */
public final class SinkWindowAttention implements AttentionPattern {
  /**
   * What a recipe says about {@code sink-window}.
   *
   * @param sinks how many positions at the beginning every query sees
   * @param window how many positions a query sees that end with itself
   */
  public record Options(
      @Option(
              value = "How many positions at the beginning of a document every query sees.",
              defaultValue = "4",
              min = 0)
          int sinks,
      @Option(
              value = "How many positions a query sees that end with itself.",
              defaultValue = "1024",
              min = 1)
          int window) {}

  private final int sinks;
  private final int window;
  private final SinkWindowKernels kernels;

  @Inject
  SinkWindowAttention(Options options, KernelCompiler compiler) {
    sinks = options.sinks();
    window = options.window();
    kernels =
        compiler.compile(SinkWindowAttention.class, "sink_window.py", SinkWindowKernels.class);
  }

  @Override
  public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
    return kernels.sinkWindow(query.getManager(), query, key, value, sinks, window);
  }

  @Override
  public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
    long rows = (long) shape.batch() * shape.heads();
    long elements = rows * shape.length() * shape.headDim();
    long shared = shape.heads() == shape.keyValueHeads() ? 0 : 2 * elements;
    long span = Math.min(shape.length(), sinks + 2L * window - 1);
    long block = Math.min(shape.length(), window);
    long blockKeys = 2 * rows * span * shape.headDim();
    // Repeated heads, the blocks before they are joined, one block's keys and values, its mask.
    return new AttentionCost(
        rows * pairs(shape.length()), shared + elements + blockKeys + block * span);
  }

  /** The pairs of one head: what query {@code i} sees are a window's keys and earlier sinks. */
  private long pairs(int length) {
    int within = Math.min(length, window);
    long pairs = AttentionCost.causalPairs(within) + (long) (length - within) * window;
    // Query i sees min(S, i − W + 1) sinks that lie before its window.
    int beyond = length - within;
    int growing = Math.min(beyond, sinks);
    return pairs + AttentionCost.causalPairs(growing) + (long) (beyond - growing) * sinks;
  }

  @Override
  public void check(AttentionShape shape, Problems problems) {
    if (sinks + window > shape.length()) {
      problems.report(
          "window",
          ("window is %d with %d sinks, must be together at most the context, %d tokens: dense"
                  + " attention does the same with less")
              .formatted(window, sinks, shape.length()));
    }
  }
}
