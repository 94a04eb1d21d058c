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
 * Strided attention, "stride sparse" in LongLoRA's ablation on attention patterns
 * (arXiv:2309.12307): half of the heads are local and half look back in strides (Sparse
 * Transformer, arXiv:1904.10509, section 4.3, one pattern a head).
 *
 * <p>In the first {@code heads / 2} query heads (rounded down) query {@code i} sees the last {@code
 * G} positions {@code i − G + 1 … i}; in the others it sees {@code i, i − r, i − 2r, …}, where
 * {@code r} is the context over the group size {@code G}, rounded up. The Sparse Transformer has
 * one number for window and stride; with two, both halves see as many keys as under {@code
 * s2-attn}.
 */
public final class StridedAttention implements AttentionPattern {
  private final GroupSize window;
  private final Kernels kernels;

  @Inject
  StridedAttention(GroupOptions options, KernelCompiler compiler) {
    window = options.group();
    kernels = compiler.compile(StridedAttention.class, "patterns.py");
  }

  @Override
  public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
    int size = window.tokens(layer.context());
    int stride = DilatedAttention.rate(window, layer.context());
    return kernels.call(query.getManager(), "strided", query, key, value, size, stride);
  }

  @Override
  public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
    int size = window.tokens(layer.context());
    int stride = DilatedAttention.rate(window, layer.context());
    int near = shape.heads() / 2;
    int far = shape.heads() - near;
    long pairs =
        near * LocalAttention.pairs(shape.length(), size)
            + far * DilatedAttention.pairs(shape.length(), stride);
    Working working = new Working(shape);
    long elements =
        working.sharedHeads()
            + working.heads(shape.heads()) // the halves, before they are joined
            + LocalAttention.workingElements(working, near, size)
            + DilatedAttention.workingElements(working, far);
    return new AttentionCost(shape.batch() * pairs, elements);
  }

  @Override
  public void check(AttentionShape shape, Problems problems) {
    window.check(shape.length(), problems);
    HeadHalves.check(shape, "use", "use local or dilated", problems);
  }
}
