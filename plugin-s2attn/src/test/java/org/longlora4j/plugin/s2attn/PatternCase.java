package org.longlora4j.plugin.s2attn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.plugin.s2attn.ReferenceAttention.Visible;

/** One pattern, called with one shape, and the mask that it must amount to. */
record PatternCase(Kind kind, int group, AttentionShape shape, AttentionLayer layer) {
  enum Kind {
    SEGMENTED,
    ROLLED,
    ACROSS_LAYERS,
    LOCAL,
    DILATED,
    STRIDED
  }

  /** Random calls of a pattern: short documents, odd groups, groups that do not divide. */
  static List<PatternCase> random(Kind kind, int count, RandomGenerator random) {
    List<PatternCase> cases = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      int context = random.nextInt(4, 48);
      int group = random.nextInt(2, context + 1);
      int length = n % 4 == 0 ? context : random.nextInt(1, context + 1);
      int keyHeads = random.nextInt(1, 4);
      int shared = random.nextInt(keyHeads == 1 ? 2 : 1, 4);
      AttentionShape shape =
          new AttentionShape(
              random.nextInt(1, 3), keyHeads * shared, keyHeads, length, 8 * random.nextInt(1, 3));
      cases.add(new PatternCase(kind, group, shape, new AttentionLayer(n % 2, 2, context)));
    }
    return cases;
  }

  AttentionPattern pattern(TorchServices services) {
    KernelCompiler compiler = services.compiler();
    OptionalInt size = OptionalInt.of(group);
    GroupOptions options = new GroupOptions(OptionalDouble.empty(), size);
    return switch (kind) {
      case LOCAL -> new LocalAttention(options, compiler);
      case DILATED -> new DilatedAttention(options, compiler);
      case STRIDED -> new StridedAttention(options, compiler);
      default ->
          new ShiftedSparseAttention(
              new ShiftedSparseAttention.Options(
                  ShiftedSparseAttention.Variant.valueOf(kind.name()),
                  OptionalDouble.empty(),
                  size),
              services.causalAttention(),
              compiler);
    };
  }

  Visible visible() {
    int half = shape.heads() / 2;
    int rate = (int) Math.ceil((double) layer.context() / group);
    Visible near = (head, i, j) -> j <= i && i - j < group;
    Visible far = (head, i, j) -> j <= i && (i - j) % rate == 0;
    return switch (kind) {
      case SEGMENTED -> (head, i, j) -> inSegment(head >= half, i, j);
      case ACROSS_LAYERS -> (head, i, j) -> inSegment(layer.index() == 1, i, j);
      case ROLLED -> this::inRolledGroup;
      case LOCAL -> near;
      case DILATED -> far;
      case STRIDED -> (head, i, j) -> (head < half ? near : far).sees(head, i, j);
    };
  }

  private boolean inSegment(boolean shifted, int i, int j) {
    int offset = shifted ? group - group / 2 : 0;
    return j <= i && (i + offset) / group == (j + offset) / group;
  }

  private boolean inRolledGroup(int head, int i, int j) {
    boolean shifted = head >= shape.heads() / 2;
    // The published code rolls a single key head for all query heads.
    boolean keysRolled = shifted || shape.keyValueHeads() == 1;
    return inSegment(false, shifted ? rolled(i) : i, keysRolled ? rolled(j) : j);
  }

  private int rolled(int position) {
    return Math.floorMod(position - group / 2, shape.length());
  }

  @Override
  public String toString() {
    return "%s, groups of %d, %s, %s"
        .formatted(kind.name().toLowerCase(Locale.ROOT), group, shape, layer);
  }
}
