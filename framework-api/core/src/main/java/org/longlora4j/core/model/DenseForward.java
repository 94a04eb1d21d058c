package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.function.Function;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;

/** Runs tokens through all layers with dense attention and without gradients. */
public final class DenseForward implements AutoCloseable {
  private final CausalLanguageModel model;
  private final TorchServices services;
  private final RotaryCache rotary;

  /** Prepares to run a model; the caller closes both. */
  public DenseForward(CausalLanguageModel model, TorchServices services) {
    this.model = model;
    this.services = services;
    this.rotary = new RotaryCache(model.rotary(), model.manager());
  }

  /**
   * Runs rows of one length.
   *
   * @param rows token ids, at least one to a row
   * @param use takes the last layer's output, shape (rows, length, hidden), which is closed after
   * @return what {@code use} makes of it
   * @param <T> its type
   * @throws org.longlora4j.api.plugin.InvalidInputException if a token is not in the vocabulary, or
   *     the rows are longer than the model's sliding window
   */
  public <T> T run(int[][] rows, Function<NDArray, T> use) {
    int[][] documents = new int[rows.length][];
    Arrays.setAll(documents, row -> new int[] {rows[row].length});
    return run(rows, documents, use);
  }

  /**
   * Runs rows of one length that hold documents, each of which attends to itself alone.
   *
   * @param rows token ids, at least one to a row
   * @param documents the lengths of each row's documents; the rest of a row is padding
   * @param use takes the last layer's output, shape (rows, length, hidden), which is closed after
   * @return what {@code use} makes of it
   * @param <T> its type
   * @throws org.longlora4j.api.plugin.InvalidInputException if a token is not in the vocabulary, or
   *     the rows are longer than the model's sliding window
   */
  public <T> T run(int[][] rows, int[][] documents, Function<NDArray, T> use) {
    int length = rows[0].length;
    model.config().requireWithinSlidingWindow(length);
    PatternAttention attention =
        new PatternAttention(
            services,
            model.config(),
            rotary,
            new DensePattern(services.causalAttention()),
            length,
            length,
            documents);
    return Autograd.silent(
        () -> {
          try (NDManager scope = model.manager().newSubManager()) {
            return use.apply(model.hidden(model.tokens(scope, rows), attention));
          }
        });
  }

  @Override
  public void close() {
    rotary.close();
  }
}
