package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.GradientTapes;
import org.longlora4j.core.tensor.KernelGradient;
import org.longlora4j.core.tensor.KnownGradient;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Rotary embedding, then a pattern, over rows that may hold several documents and end in padding.
 *
 * <p>Each document is cut out of its row before its positions are counted and the pattern sees it:
 * no pattern can let a position see padding or another document. Padding is filled with zeros.
 */
public final class PatternAttention implements LayerAttention {
  private final Kernels kernels;
  private final GradientTapes tapes;
  private final ModelConfig config;
  private final RotaryCache rotary;
  private final AttentionPattern pattern;
  private final int context;
  private final List<Segment> segments; // all rows', one after another; empty if rows are whole

  /**
   * A part of a row.
   *
   * @param length its tokens
   * @param padding whether it is no document
   */
  private record Segment(int length, boolean padding) {}

  /**
   * Prepares attention over one batch.
   *
   * @param services compile the decoder's kernels, and record gradients
   * @param config the model's shapes
   * @param rotary the caller closes it after the last pass
   * @param pattern which positions a query may attend to
   * @param context the recipe's target length
   * @param length the tokens of each row
   * @param documents the lengths of each row's documents, one after another, at least one of at
   *     least one token; the rest of a row is padding
   * @throws IllegalArgumentException if a row's documents are not within its length
   */
  public PatternAttention(
      TorchServices services,
      ModelConfig config,
      RotaryCache rotary,
      AttentionPattern pattern,
      int context,
      int length,
      int[][] documents) {
    tapes = services.tapes();
    kernels = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    this.config = config;
    this.rotary = rotary;
    this.pattern = pattern;
    this.context = context;
    List<Segment> all = new ArrayList<>();
    boolean whole = true;
    for (int[] row : documents) {
      all.addAll(segments(row, length));
      whole &= row.length == 1 && row[0] == length;
    }
    segments = whole ? List.of() : List.copyOf(all);
  }

  private static List<Segment> segments(int[] documents, int length) {
    List<Segment> segments = new ArrayList<>();
    int sum = 0;
    for (int document : documents) {
      if (document < 1) {
        throw new IllegalArgumentException("a document of " + document + " tokens is none");
      }
      sum += document;
      segments.add(new Segment(document, false));
    }
    if (sum < 1 || sum > length) {
      throw new IllegalArgumentException("a row of " + sum + " tokens is not within 1…" + length);
    }
    if (sum < length) {
      segments.add(new Segment(length - sum, true));
    }
    return segments;
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    AttentionLayer place = new AttentionLayer(layer, config.layers(), context);
    if (segments.isEmpty()) {
      return attend(query, key, value, place);
    }
    try (NDManager scope = query.getManager().newSubManager()) {
      NDArray sizes = scope.create(segments.stream().mapToLong(Segment::length).toArray());
      NDList queries = kernels.callAll(scope, "segments", query, sizes);
      NDList keys = kernels.callAll(scope, "segments", key, sizes);
      NDList values = kernels.callAll(scope, "segments", value, sizes);
      NDList attended = new NDList();
      for (int i = 0; i < segments.size(); i++) {
        attended.add(
            segments.get(i).padding()
                ? kernels.call(scope, "zeros", queries.get(i))
                : attend(queries.get(i), keys.get(i), values.get(i), place));
      }
      return kernels.call(
          query.getManager(),
          "rows",
          NDArrays.concat(attended, 1), // (1, batch · length, heads · headDim)
          query.getShape().get(0));
    }
  }

  /** Attends within documents that fill their rows, whose positions count from 0. */
  private NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer place) {
    NDManager owner = query.getManager();
    RotaryTables tables = rotary.tables((int) query.getShape().get(1));
    try (NDArray turnedQuery = rotate(query, config.heads(), tables);
        NDArray turnedKey = rotate(key, config.keyValueHeads(), tables);
        NDArray values = kernels.call(owner, "split_heads", value, config.keyValueHeads());
        NDArray attended = pattern.attend(turnedQuery, turnedKey, values, place)) {
      return kernels.call(owner, "merge_heads", attended);
    }
  }

  private NDArray rotate(NDArray x, int heads, RotaryTables tables) {
    KnownGradient rotation =
        new KernelGradient(kernels, "rotate_heads", "rotate_heads_backward", List.of(heads, 0));
    return tapes.compute(rotation, x, tables.cos(), tables.sin());
  }
}
