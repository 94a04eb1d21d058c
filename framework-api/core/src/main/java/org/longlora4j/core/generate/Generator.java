package org.longlora4j.core.generate;

import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.model.CachedSequence;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.tensor.TorchServices;

/** Continues a sequence of tokens, one after another, with a key and value cache. */
public final class Generator {
  private final CausalLanguageModel model;
  private final TorchServices services;

  /**
   * How to continue.
   *
   * @param maxNewTokens the most tokens to add
   * @param sampling chooses each of them
   * @param stopTokens end the text; the one that does is not part of it
   */
  public record Settings(int maxNewTokens, Sampling sampling, List<Integer> stopTokens) {
    /**
     * Checks the ranges.
     *
     * @throws InvalidInputException if one is out of range
     */
    public Settings {
      if (maxNewTokens < 1) {
        throw new InvalidInputException(
            "--max-new-tokens is " + maxNewTokens + ", must be at least 1");
      }
      stopTokens = List.copyOf(stopTokens);
    }
  }

  /** Takes the tokens as they come. */
  @FunctionalInterface
  public interface TokenStream {
    /**
     * Takes the next token.
     *
     * @return whether more are wanted
     */
    boolean accept(int token);
  }

  /** Prepares to continue with a model; the caller closes it. */
  public Generator(CausalLanguageModel model, TorchServices services) {
    this.model = model;
    this.services = services;
  }

  /**
   * Continues a prompt with dense attention.
   *
   * @param prompt at least one token
   * @param settings how
   * @return the new tokens alone
   * @throws InvalidInputException if the prompt is empty, or beyond the model's sliding window
   */
  public int[] generate(int[] prompt, Settings settings) {
    try (CachedSequence sequence = CachedSequence.dense(model, services)) {
      return generate(sequence, prompt, settings);
    }
  }

  /**
   * Continues a prompt in a sequence, which keeps what it has in common with the prompt.
   *
   * @param sequence of the same model, which the caller closes
   * @param prompt at least one token
   * @param settings how
   * @return the new tokens alone
   * @throws InvalidInputException if the prompt is empty, or beyond the model's sliding window
   */
  public int[] generate(CachedSequence sequence, int[] prompt, Settings settings) {
    return generate(sequence, prompt, settings, token -> true);
  }

  /**
   * Continues a prompt in a sequence, and gives each token away as it comes.
   *
   * @param sequence of the same model, which the caller closes; it keeps what it has in common with
   *     the prompt
   * @param prompt at least one token
   * @param settings how
   * @param stream takes the tokens, and may want no more
   * @return the new tokens alone
   * @throws InvalidInputException if the prompt is empty, or beyond the model's sliding window
   */
  public int[] generate(
      CachedSequence sequence, int[] prompt, Settings settings, TokenStream stream) {
    if (prompt.length == 0) {
      throw new InvalidInputException("the prompt has no tokens; give at least one");
    }
    long most = (long) prompt.length + settings.maxNewTokens();
    sequence.requireRoom((int) Math.min(Integer.MAX_VALUE, most));
    TokenChoice choice = new TokenChoice(settings.sampling(), prompt);
    List<Integer> added = new ArrayList<>();
    int token = choice.next(sequence.become(prompt));
    while (!settings.stopTokens().contains(token)) {
      added.add(token);
      if (!stream.accept(token) || added.size() == settings.maxNewTokens()) {
        break;
      }
      token = choice.next(sequence.scoresAfter(new int[] {token}));
    }
    return added.stream().mapToInt(Integer::intValue).toArray();
  }
}
