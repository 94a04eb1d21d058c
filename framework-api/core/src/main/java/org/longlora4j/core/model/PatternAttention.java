package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import org.longlora4j.api.attention.AttentionLayer;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/**
 * Rotary embedding, then a pattern, over rows that may end in padding.
 *
 * <p>A padded row is cut to its real tokens before the pattern sees it and filled with zeros after:
 * no pattern can let a position see padding.
 */
public final class PatternAttention implements LayerAttention {
  private final Kernels kernels;
  private final ModelConfig config;
  private final RotaryTables tables;
  private final AttentionPattern pattern;
  private final int context;
  private final int[] lengths;

  /**
   * Prepares attention over one batch.
   *
   * @param compiler compiles the decoder's kernels
   * @param config the model's shapes
   * @param tables for exactly the batch's length; the caller closes them after the last pass
   * @param pattern which positions a query may attend to
   * @param context the recipe's target length
   * @param lengths the real tokens of each row, at least one; the rest is padding
   * @throws IllegalArgumentException if a length is not within the tables
   */
  public PatternAttention(
      KernelCompiler compiler,
      ModelConfig config,
      RotaryTables tables,
      AttentionPattern pattern,
      int context,
      int[] lengths) {
    kernels = compiler.compile(CausalLanguageModel.class, "decoder.py");
    this.config = config;
    this.tables = tables;
    this.pattern = pattern;
    this.context = context;
    this.lengths = lengths.clone();
    for (int length : lengths) {
      if (length < 1 || length > tables.length()) {
        throw new IllegalArgumentException(
            "a row of " + length + " tokens is not within 1…" + tables.length());
      }
    }
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    NDManager owner = query.getManager();
    AttentionLayer place = new AttentionLayer(layer, config.layers(), context);
    try (NDArray turnedQuery = rotate(owner, query, config.heads());
        NDArray turnedKey = rotate(owner, key, config.keyValueHeads());
        NDArray values = kernels.call(owner, "split_heads", value, config.keyValueHeads());
        NDArray attended = attend(turnedQuery, turnedKey, values, place)) {
      return kernels.call(owner, "merge_heads", attended);
    }
  }

  private NDArray rotate(NDManager owner, NDArray x, int heads) {
    return kernels.call(owner, "rotate_heads", x, heads, tables.cos(), tables.sin(), 0);
  }

  private NDArray attend(NDArray query, NDArray key, NDArray value, AttentionLayer place) {
    if (Arrays.stream(lengths).allMatch(length -> length == tables.length())) {
      return pattern.attend(query, key, value, place);
    }
    try (NDManager scope = query.getManager().newSubManager()) {
      NDList rows = new NDList();
      for (int row = 0; row < lengths.length; row++) {
        NDArray attended =
            pattern.attend(
                document(scope, query, row),
                document(scope, key, row),
                document(scope, value, row),
                place);
        rows.add(kernels.call(scope, "pad_row", attended, tables.length() - lengths[row]));
      }
      NDArray all = NDArrays.concat(rows, 0);
      all.attach(query.getManager());
      return all;
    }
  }

  private NDArray document(NDManager scope, NDArray x, int row) {
    return kernels.call(scope, "document", x, row, 0, lengths[row]);
  }
}
