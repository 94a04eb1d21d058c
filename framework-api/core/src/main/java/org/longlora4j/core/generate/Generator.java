package org.longlora4j.core.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
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
   * @param temperature divides the logits before a token is drawn; 0 takes the likeliest
   * @param seed decides what is drawn
   * @param stopTokens end the text; the one that does is not part of it
   */
  public record Settings(
      int maxNewTokens, double temperature, long seed, List<Integer> stopTokens) {
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
      if (!(temperature >= 0) || Double.isInfinite(temperature)) {
        throw new InvalidInputException("--temperature is " + temperature + ", must be at least 0");
      }
      stopTokens = List.copyOf(stopTokens);
    }
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
    if (prompt.length == 0) {
      throw new InvalidInputException("the prompt has no tokens; give at least one");
    }
    long most = (long) prompt.length + settings.maxNewTokens();
    sequence.requireRoom((int) Math.min(Integer.MAX_VALUE, most));
    SplittableRandom random = new SplittableRandom(settings.seed());
    List<Integer> added = new ArrayList<>();
    float[] scores = sequence.become(prompt);
    int token = choose(scores, settings.temperature(), random);
    while (!settings.stopTokens().contains(token)) {
      added.add(token);
      if (added.size() == settings.maxNewTokens()) {
        break;
      }
      token = choose(sequence.scoresAfter(new int[] {token}), settings.temperature(), random);
    }
    return added.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int choose(float[] logits, double temperature, SplittableRandom random) {
    int likeliest = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[likeliest]) {
        likeliest = i;
      }
    }
    return temperature == 0
        ? likeliest
        : draw(logits, logits[likeliest], temperature, random.nextDouble());
  }

  /** Takes the token at which the cumulative distribution passes {@code point}. */
  private static int draw(float[] logits, double highest, double temperature, double point) {
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp((logits[i] - highest) / temperature);
      sum += weights[i];
    }
    double left = point * sum;
    int token = 0;
    while (token < weights.length - 1 && left >= weights[token]) {
      left -= weights[token];
      token++;
    }
    return token;
  }
}
