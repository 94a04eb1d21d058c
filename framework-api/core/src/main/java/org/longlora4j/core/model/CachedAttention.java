package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Dense attention over one growing sequence, whose keys and values are kept from call to call.
 *
 * <p>Keys are kept as they were projected and turned anew for every call: where the scaling depends
 * on the length of the sequence, all of them turn differently when it grows, and what comes out
 * equals a pass without a cache.
 */
public final class CachedAttention implements LayerAttention, AutoCloseable {
  private final Kernels kernels;
  private final CausalAttention dense;
  private final CausalLanguageModel model;
  private final NDManager manager;
  private final int capacity;
  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();
  private RotaryTables tables;
  private int length;
  private int first;

  /**
   * Prepares a cache; its memory is taken when the first tokens come.
   *
   * @param model whose layers will call
   * @param services the engine
   * @param capacity the most tokens that the sequence may have
   */
  public CachedAttention(CausalLanguageModel model, TorchServices services, int capacity) {
    this.model = model;
    this.capacity = capacity;
    kernels = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    dense = services.causalAttention();
    manager = model.manager().newSubManager();
    tables = new RotaryTables(model.rotary(), capacity, manager);
  }

  /**
   * Announces tokens that follow those that came before: all of a prompt at once, then one by one.
   *
   * @param count how many
   * @throws IllegalArgumentException if they do not fit, or if several follow others
   */
  public void expect(int count) {
    if (length + count > capacity || (length > 0 && count != 1)) {
      throw new IllegalArgumentException(
          count + " tokens cannot follow " + length + " of at most " + capacity);
    }
    first = length;
    length += count;
    if (model.rotary().scaling().dependsOnLength()) {
      tables.close();
      tables = new RotaryTables(model.rotary(), length, manager);
    }
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    NDManager owner = query.getManager();
    int heads = model.config().heads();
    int keyValueHeads = model.config().keyValueHeads();
    try (NDArray allKeys = append(keys, layer, key, owner);
        NDArray allValues = append(values, layer, value, owner);
        NDArray turnedQuery = rotate(owner, query, heads, first);
        NDArray turnedKeys = rotate(owner, allKeys, keyValueHeads, 0);
        NDArray splitValues = kernels.call(owner, "split_heads", allValues, keyValueHeads);
        NDArray attended =
            first == 0
                ? dense.attend(turnedQuery, turnedKeys, splitValues)
                : kernels.call(owner, "attend_last", turnedQuery, turnedKeys, splitValues)) {
      return kernels.call(owner, "merge_heads", attended);
    }
  }

  private NDArray rotate(NDManager owner, NDArray x, int heads, int firstPosition) {
    return kernels.call(owner, "rotate_heads", x, heads, tables.cos(), tables.sin(), firstPosition);
  }

  private NDArray append(List<NDArray> cache, int layer, NDArray rows, NDManager owner) {
    if (layer == cache.size()) {
      long width = rows.getShape().get(2);
      cache.add(kernels.call(manager, "allocate_cache", rows, 1, capacity, width));
    }
    return kernels.call(owner, "append", cache.get(layer), rows, first);
  }

  @Override
  public void close() {
    manager.close();
  }
}
