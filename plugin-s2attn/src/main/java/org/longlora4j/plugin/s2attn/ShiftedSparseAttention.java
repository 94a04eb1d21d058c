package org.longlora4j.plugin.s2attn;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import com.google.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.longlora4j.api.attention.AttentionCost;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.attention.HeadSegments;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/**
 * Shifted sparse attention, S²-Attn: dense causal attention within groups, which half of the heads
 * shift by half a group so that information passes between groups (LongLoRA, arXiv:2309.12307,
 * section 3.2).
 *
 * <p>The first {@code heads / 2} query heads (rounded down) attend within {@code [0, G), [G, 2G),
 * …}; the others, one more if {@code heads} is odd, are shifted by {@code G / 2} (rounded down).
 * Under grouped-query attention it is the query heads that are split, each with its key and value
 * head, as in the published code. The last group is as long as what is left of the document.
 *
 * <p>What shifting means is the {@link Variant}.
 */
public final class ShiftedSparseAttention implements AttentionPattern {
  /** How heads are shifted. */
  public enum Variant {
    /**
     * Shifted heads attend within {@code [0, G/2), [G/2, G/2 + G), …}: the sequence's first half
     * group stands alone, as does what is left at the end, and nothing wraps around. No position
     * sees a later one. The published code's path for flash attention.
     */
    SEGMENTED,
    /**
     * Shifted heads are rolled by {@code −G/2}, attend causally within groups in rolled order, and
     * are rolled back. The published code's plain path, kept for comparison.
     *
     * <p>It leaks: the last group then holds the end of the sequence followed by its first {@code
     * G/2} positions, so that these early positions see the end of the sequence, tokens they are to
     * predict among them.
     *
     * <p>Where all query heads share a single key and value head, the published code's repeated
     * heads share its memory too, and rolling it for half of them rolls it for all: the other
     * half's queries, which stay, then see keys and values that lie {@code G/2} positions later.
     * That is kept as well, so that results can be compared.
     */
    ROLLED,
    /**
     * All heads of every second layer (indices 1, 3, …) are shifted, in the segmented way, and none
     * in the others: one choice of the paper's ablation on attention patterns.
     */
    ACROSS_LAYERS
  }

  /**
   * What a recipe says about {@code s2-attn}.
   *
   * @param variant how heads are shifted
   * @param groupRatio group size as a fraction of the context
   * @param groupSize group size in tokens
   */
  public record Options(
      @Option(
              value =
                  "How heads are shifted: segmented (nothing wraps around), rolled (the published"
                      + " plain path, in which early positions see the end of the sequence), or"
                      + " across-layers (all heads of every second layer).",
              defaultValue = "segmented")
          Variant variant,
      @Option(
              value =
                  "Group size as a fraction of the context, rounded down to whole tokens;"
                      + " 0.25 unless group-size is given.",
              min = 0,
              max = 1)
          OptionalDouble groupRatio,
      @Option(value = "Group size in tokens, in place of group-ratio.", min = 1)
          OptionalInt groupSize) {
    /**
     * Checks that at most one size is given.
     *
     * @throws IllegalArgumentException if both are given
     */
    public Options {
      requireNonNull(variant, "variant is null");
      GroupSize.of(groupRatio, groupSize);
    }
  }

  private final Variant variant;
  private final GroupSize groupSize;
  private final CausalAttention dense;
  private final Kernels kernels;

  @Inject
  ShiftedSparseAttention(Options options, CausalAttention dense, KernelCompiler compiler) {
    variant = options.variant();
    groupSize = GroupSize.of(options.groupRatio(), options.groupSize());
    this.dense = dense;
    kernels = compiler.compile(ShiftedSparseAttention.class, "patterns.py");
  }

  @Override
  public NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer layer) {
    int group = groupSize.tokens(layer.context());
    if (variant == Variant.ROLLED) {
      return kernels.call(query.getManager(), "rolled", query, key, value, group);
    }
    int heads = (int) query.getShape().get(1);
    int plain = plainHeads(heads, layer);
    List<HeadSegments> segments = new ArrayList<>();
    if (plain > 0) {
      segments.add(new HeadSegments(plain, 0, group));
    }
    if (plain < heads) {
      segments.add(new HeadSegments(heads - plain, group / 2, group));
    }
    return dense.attendWithin(query, key, value, segments);
  }

  @Override
  public boolean attendsByCausalAttention() {
    return variant != Variant.ROLLED;
  }

  /** How many heads, from the first, are not shifted. */
  private int plainHeads(int heads, AttentionLayer layer) {
    if (variant != Variant.ACROSS_LAYERS) {
      return heads / 2;
    }
    return layer.index() % 2 == 0 ? heads : 0;
  }

  @Override
  public AttentionCost cost(AttentionShape shape, AttentionLayer layer) {
    int group = groupSize.tokens(layer.context());
    int plain = plainHeads(shape.heads(), layer);
    int shifted = shape.heads() - plain;
    boolean rolled = variant == Variant.ROLLED;
    long pairs =
        plain * groupedPairs(shape.length(), 0, group)
            + shifted * groupedPairs(shape.length(), rolled ? 0 : group / 2, group);
    Working working = new Working(shape);
    long copies =
        working.sharedHeads()
            + working.folded(3)
            + working.heads(shape.heads()) // the halves, before they are joined
            + (rolled
                ? 4 * working.heads(shape.heads())
                : working.heads(shifted)); // rolls, segments
    return new AttentionCost(shape.batch() * pairs, copies);
  }

  /** The pairs of one head in groups behind a first one of another size. */
  private static long groupedPairs(int length, int first, int group) {
    int head = Math.min(first, length);
    int rest = length - head;
    return AttentionCost.causalPairs(head)
        + rest / group * AttentionCost.causalPairs(group)
        + AttentionCost.causalPairs(rest % group);
  }

  @Override
  public void check(AttentionShape shape, Problems problems) {
    groupSize.check(shape.length(), problems);
    if (variant != Variant.ACROSS_LAYERS) {
      HeadHalves.check(shape, "variant", "use variant: across-layers", problems);
    }
  }
}
