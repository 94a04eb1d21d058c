package org.longlora4j.plugin.s2attn;

import ai.djl.ndarray.NDArray;
import com.google.inject.Inject;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/**
 * Local attention, a sliding window: query {@code i} sees the {@code G} positions {@code i − G + 1
 * … i}, in every head (Longformer, arXiv:2004.05150, section 3.1, in its causal form). {@code G} is
 * the group size: no query sees more keys than under {@code s2-attn}.
 *
 * <p>Queries go in blocks of {@code G}, each with its own block of keys and the one before under a
 * mask of {@code G × 2G}, so memory is linear in the length of the document.
 */
public final class LocalAttention implements AttentionPattern {
  private final GroupSize window;
  private final Kernels kernels;

  @Inject
  LocalAttention(GroupOptions options, KernelCompiler compiler) {
    window = options.group();
    kernels = compiler.compile(LocalAttention.class, "patterns.py");
  }

  @Override
  public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
    return kernels.call(
        query.getManager(), "local", query, key, value, window.tokens(layer.context()));
  }

  @Override
  public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
    int size = window.tokens(layer.context());
    Working working = new Working(shape);
    long rows = (long) shape.batch() * shape.heads();
    return new AttentionCost(
        rows * pairs(shape.length(), size),
        working.sharedHeads() + workingElements(working, shape.heads(), size));
  }

  /** The pairs of one head. */
  static long pairs(int length, int window) {
    int growing = Math.min(length, window);
    return AttentionCost.causalPairs(growing) + (long) (length - growing) * window;
  }

  /** The mask, the pieces before they are joined, and the doubled spans of keys and values. */
  static long workingElements(Working working, int heads, int window) {
    if (working.shape().length() <= window) {
      return 0;
    }
    return 2L * window * window + 5 * working.heads(heads);
  }

  @Override
  public void check(AttentionShape shape, Problems problems) {
    window.check(shape.length(), problems);
  }
}
