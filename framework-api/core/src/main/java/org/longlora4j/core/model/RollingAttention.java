package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.TorchServices;

/**
 * Attention to a few first tokens and to the latest ones, for a sequence without end (StreamingLLM,
 * arXiv:2309.17453, section 3.2).
 *
 * <p>Positions are those within the cache: what is forgotten between the first tokens and the
 * latest ones leaves no gap. So keys are kept as they were projected. A token attends to the same
 * ones whether it comes alone or with others. Where the scaling depends on the length of the
 * sequence, that is the most that the cache holds.
 */
final class RollingAttention implements KeyValueCache {
  private static final int MOST_AT_ONCE = 256;

  private final Kernels decoder;
  private final Kernels kernels;
  private final CausalLanguageModel model;
  private final SinkWindow kept;
  private final NDManager manager;
  private final int capacity;
  private final List<NDArray> keys = new ArrayList<>();
  private final List<NDArray> values = new ArrayList<>();
  private final RotaryTables tables;

  /** How many rows the memory holds: the sinks, and behind them as many of the latest as fit. */
  private int rows;

  private long seen;
  private Optional<Chunk> chunk = Optional.empty();

  /**
   * The tokens at hand, in every layer.
   *
   * @param move what makes room for them
   * @param begin the row that takes the first of them
   * @param from the first row behind the sinks that any of them sees
   * @param places int64, shape (tokens): the position of each in the cache
   * @param mask shape (tokens, sinks + rows from {@code from} on): 0 what each sees, else -∞
   */
  private record Chunk(Optional<Move> move, int begin, int from, NDArray places, NDArray mask) {
    void close() {
      places.close();
      mask.close();
    }
  }

  /** The latest rows go to the front, behind the sinks. */
  private record Move(int source, int count) {}

  /**
   * Prepares a cache.
   *
   * @param model whose layers will call
   * @param services the engine
   * @param kept which tokens stay
   */
  RollingAttention(CausalLanguageModel model, TorchServices services, SinkWindow kept) {
    this.model = model;
    this.kept = kept;
    decoder = services.compiler().compile(CausalLanguageModel.class, "decoder.py");
    kernels = services.compiler().compile(CausalLanguageModel.class, "cache.py");
    manager = model.manager().newSubManager();
    // Room behind the window, so that its rows are moved once in a while and not for every token.
    capacity = kept.size() + Math.max(kept.window(), 2 * MOST_AT_ONCE);
    tables =
        new RotaryTables(
            model.rotary().frequencies(kept.size()), kept.size() + MOST_AT_ONCE, manager);
  }

  @Override
  public void requireRoom(int wanted) {
    model.config().requireWithinSlidingWindow(Math.min(wanted, kept.size()));
  }

  @Override
  public boolean prepare(int wanted) {
    requireRoom(wanted);
    return true;
  }

  @Override
  public int mostAtOnce() {
    // No chunk is a sink at its begin and in the window at its end.
    return rows < kept.sinks() ? Math.min(MOST_AT_ONCE, kept.sinks() - rows) : MOST_AT_ONCE;
  }

  @Override
  public int truncate(int wanted) {
    if (wanted < seen) {
      rows = 0;
      seen = 0;
    }
    return (int) seen;
  }

  @Override
  public void expect(int count) {
    chunk.ifPresent(Chunk::close);
    Optional<Move> move = Optional.empty();
    if (rows + count > capacity) {
      int stay = Math.min(rows - kept.sinks(), kept.window() - 1);
      move = Optional.of(new Move(rows - stay, stay));
      rows = kept.sinks() + stay;
    }
    int begin = rows;
    rows += count;
    int from = Math.max(kept.sinks(), begin - kept.window() + 1);
    chunk = Optional.of(new Chunk(move, begin, from, places(count), mask(begin, from)));
    seen += count;
  }

  private NDArray places(int count) {
    long[] places = new long[count];
    for (int i = 0; i < count; i++) {
      places[i] = Math.min(seen + i, kept.size() - 1L);
    }
    return manager.create(places);
  }

  private NDArray mask(int begin, int from) {
    int sinks = Math.min(kept.sinks(), rows);
    int width = sinks + Math.max(0, rows - from);
    float[] mask = new float[(rows - begin) * width];
    for (int query = begin; query < rows; query++) {
      for (int i = 0; i < width; i++) {
        int key = i < sinks ? i : from + i - sinks;
        boolean near = i < sinks || key > query - kept.window();
        mask[(query - begin) * width + i] = key <= query && near ? 0 : Float.NEGATIVE_INFINITY;
      }
    }
    return manager.create(mask, new Shape(rows - begin, width));
  }

  @Override
  public NDArray attend(int layer, NDArray query, NDArray key, NDArray value) {
    NDManager owner = query.getManager();
    Chunk now = chunk.orElseThrow();
    int end = Math.max(now.from(), rows);
    int first = Math.max(0, now.begin() - now.from());
    try (NDArray splitQuery = split(owner, query, model.config().heads());
        NDArray allKeys = append(keys, layer, key, owner);
        NDArray allValues = append(values, layer, value, owner);
        NDArray attended =
            kernels.call(
                owner,
                "attend_rolling",
                splitQuery,
                allKeys,
                allValues,
                Math.min(kept.sinks(), rows),
                Math.min(now.from(), rows),
                Math.min(end, rows),
                first,
                tables.cos(),
                tables.sin(),
                now.places(),
                now.mask())) {
      return decoder.call(owner, "merge_heads", attended);
    }
  }

  private NDArray split(NDManager owner, NDArray x, int heads) {
    return decoder.call(owner, "split_heads", x, heads);
  }

  private NDArray append(List<NDArray> cache, int layer, NDArray added, NDManager owner) {
    Chunk now = chunk.orElseThrow();
    try (NDArray rowsAdded = split(owner, added, model.config().keyValueHeads())) {
      if (layer == cache.size()) {
        cache.add(kernels.call(manager, "allocate", rowsAdded, capacity));
      }
      NDArray memory = cache.get(layer);
      now.move()
          .ifPresent(
              move ->
                  kernels
                      .call(owner, "move", memory, move.source(), kept.sinks(), move.count())
                      .close());
      return kernels.call(owner, "append", memory, rowsAdded, now.begin());
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
