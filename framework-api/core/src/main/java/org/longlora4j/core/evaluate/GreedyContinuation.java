package org.longlora4j.core.evaluate;

import java.util.List;
import org.longlora4j.core.generate.Generator;
import org.longlora4j.core.generate.Sampling;
import org.longlora4j.core.model.CachedSequence;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.tensor.TorchServices;

/**
 * A model that takes the likeliest token each time. It keeps the keys and values of its last
 * prompt: what the next one begins with in common costs nothing.
 */
public final class GreedyContinuation implements Continuation, AutoCloseable {
  private final Generator generator;
  private final CachedSequence sequence;
  private final List<Integer> stopTokens;

  /**
   * Prepares to continue prompts.
   *
   * @param model loaded; the caller closes it afterwards
   * @param services the engine
   * @param stopTokens end a text
   */
  public GreedyContinuation(
      CausalLanguageModel model, TorchServices services, List<Integer> stopTokens) {
    this.generator = new Generator(model, services);
    this.sequence = CachedSequence.dense(model, services);
    this.stopTokens = List.copyOf(stopTokens);
  }

  @Override
  public int[] after(int[] prompt, int count) {
    return generator.generate(
        sequence, prompt, new Generator.Settings(count, Sampling.likeliest(), stopTokens));
  }

  @Override
  public void close() {
    sequence.close();
  }
}
