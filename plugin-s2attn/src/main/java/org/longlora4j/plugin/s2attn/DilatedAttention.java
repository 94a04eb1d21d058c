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
 * Dilated attention: query {@code i} sees {@code i, i − r, i − 2r, …} to the beginning of the
 * document, in every head (LongNet, arXiv:2307.02486, section 2.2, with one segment as long as the
 * document and every offset attended). The rate {@code r} is the context over the group size,
 * rounded up: at the full context no query sees more keys than under {@code s2-attn}.
 *
 * <p>LongLoRA's own comparison (arXiv:2309.12307) spreads rates from 1 to 2 over the heads; here
 * the rate follows from the group size, so that patterns are compared at the same cost.
 *
 * <p>Positions of one residue modulo {@code r} attend to each other alone: they are dense causal
 * attention on {@code length / r} positions, which needs no mask.
 */
public final class DilatedAttention implements AttentionPattern {
  private final GroupSize keys;
  private final Kernels kernels;

  @Inject
  DilatedAttention(GroupOptions options, KernelCompiler compiler) {
    keys = options.group();
    kernels = compiler.compile(DilatedAttention.class, "patterns.py");
  }

  @Override
  public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
    int rate = rate(keys, layer.context());
    return kernels.call(query.getManager(), "dilated", query, key, value, rate);
  }

  /** The distance between keys. */
  static int rate(GroupSize keys, int context) {
    int size = keys.tokens(context);
    return (context - 1) / size + 1;
  }

  @Override
  public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
    int rate = rate(keys, layer.context());
    Working working = new Working(shape);
    long rows = (long) shape.batch() * shape.heads();
    return new AttentionCost(
        rows * pairs(shape.length(), rate),
        working.sharedHeads() + workingElements(working, shape.heads()));
  }

  /** The pairs of one head. */
  static long pairs(int length, int rate) {
    int longer = length % rate;
    return longer * AttentionCost.causalPairs(length / rate + 1)
        + (rate - longer) * AttentionCost.causalPairs(length / rate);
  }

  /** The residue classes before they are interleaved, and what folding copies. */
  static long workingElements(Working working, int heads) {
    return 2 * working.heads(heads) + working.folded(3);
  }

  @Override
  public void check(AttentionShape shape, Problems problems) {
    keys.check(shape.length(), problems);
  }
}
