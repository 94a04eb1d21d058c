package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.position.RotaryFrequencies;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Dense attention over a sequence that comes in chunks; all keys and values are kept.
 *
 * <p>Keys are kept turned. Where the scaling depends on the length of the sequence, {@link
 * #prepare} tells when they no longer hold: what lies behind the first layer then differs at every
 * position, so that only running the sequence anew gives what a pass without a cache gives.
 */
final class CachedAttention implements KeyValueCache {
  private static final int MOST_AT_ONCE = 1024;
  private static final int LEAST_AT_ONCE = 64;
  private static final int MAX_MASK = 1 << 24; // elements, 64 MiB in float32
  private static final int FIRST_CAPACITY = 256;

  private final Kernels decoder;
  private final Kernels kernels;
  private final CausalAttention dense;
  private final CausalLanguageModel model;
  private final NDManager manager;
  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();
  private RotaryFrequencies frequencies;
  private RotaryTables tables;
  private int capacity;
  private int length;
  private int first;
  private Optional<NDArray> mask = Optional.empty();

  /**
   * Prepares a cache, whose memory grows with the sequence.
   *
   * @param model whose layers will call
   * @param services the engine
   */
  CachedAttention(CausalLanguageModel model, TorchServices services) {
    this.model = model;
    decoder = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    kernels = services.compiler().compile(CausalLanguageModel.class, "cache.py");
    dense = services.causalAttention();
    manager = model.manager().newSubManager();
    frequencies = model.rotary().frequencies(1);
    tables = new RotaryTables(frequencies, 1, manager);
  }

  @Override
  public void requireRoom(int wanted) {
    model.config().requireWithinSlidingWindow(wanted);
  }

  @Override
  public boolean prepare(int wanted) {
    requireRoom(wanted);
    RotaryFrequencies then = model.rotary().frequencies(wanted);
    boolean same =
        Arrays.equals(then.inverse(), frequencies.inverse())
            && then.attentionScaling() == frequencies.attentionScaling();
    if (wanted > capacity) {
      capacity = (int) Math.max(wanted, Math.min(Integer.MAX_VALUE, 2L * capacity));
      capacity = Math.max(capacity, FIRST_CAPACITY);
    }
    if (!same || tables.length() < capacity) {
      tables.close();
      frequencies = then;
      tables = new RotaryTables(frequencies, capacity, manager);
    }
    return same || length == 0;
  }

  @Override
  public int mostAtOnce() {
    // A mask is held for all but the first.
    return length == 0
        ? MOST_AT_ONCE
        : Math.max(LEAST_AT_ONCE, Math.min(MOST_AT_ONCE, MAX_MASK / (length + MOST_AT_ONCE)));
  }

  @Override
  public void expect(int count) {
    first = length;
    length += count;
    mask.ifPresent(NDArray::close);
    mask = Optional.empty();
  }

  @Override
  public int truncate(int kept) {
    length = kept;
    return kept;
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    NDManager owner = query.getManager();
    int keyValueHeads = model.config().keyValueHeads();
    try (NDArray turnedQuery = rotate(owner, query, model.config().heads());
        NDArray turnedKey = rotate(owner, key, keyValueHeads);
        NDArray splitValue = decoder.call(owner, "split_heads", value, keyValueHeads);
        NDArray allKeys = append(keys, layer, turnedKey, owner);
        NDArray allValues = append(values, layer, splitValue, owner);
        NDArray attended = attend(owner, turnedQuery, allKeys, allValues)) {
      return decoder.call(owner, "merge_heads", attended);
    }
  }

  private NDArray attend(NDManager owner, NDArray query, NDArray allKeys, NDArray allValues) {
    if (first == 0) {
      return dense.attend(query, allKeys, allValues);
    }
    if (length - first == 1) {
      return kernels.call(owner, "attend_one", query, allKeys, allValues);
    }
    if (mask.isEmpty()) {
      mask = Optional.of(kernels.call(manager, "causal_mask", query, first, length - first));
    }
    return kernels.call(owner, "attend_some", query, allKeys, allValues, mask.get());
  }

  private NDArray rotate(NDManager owner, NDArray x, int heads) {
    return decoder.call(owner, "rotate_heads", x, tables.cos(), tables.sin(), heads, first);
  }

  private NDArray append(List<NDArray> cache, int layer, NDArray rows, NDManager owner) {
    if (layer == cache.size()) {
      cache.add(kernels.call(manager, "allocate", rows, capacity));
    }
    NDArray memory = cache.get(layer);
    if (memory.getShape().get(2) < length) {
      try (memory) {
        cache.set(layer, kernels.call(manager, "grow", memory, capacity, first));
      }
    }
    return kernels.call(owner, "append", cache.get(layer), rows, first);
  }

  @Override
  public void close() {
    manager.close();
  }
}
