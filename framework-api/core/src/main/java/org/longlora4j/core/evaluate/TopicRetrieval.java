package org.longlora4j.core.evaluate;

import java.util.ArrayList;
import java.util.List;
import org.longlora4j.core.data.Tokenizer;

/** How often a model tells the first topic of a long talk about several ones. */
public final class TopicRetrieval {
  private static final int ANSWER_TOKENS = 50;

  private final Tokenizer tokenizer;
  private final Continuation continuation;

  /**
   * What was measured with some number of topics.
   *
   * @param topics how many were discussed
   * @param trials how many prompts
   * @param found in how many the model told the first topic
   * @param meanTokens how many tokens a prompt had on average
   */
  public record Result(int topics, int trials, int found, double meanTokens) {
    /** The share of prompts in which the model told the first topic. */
    public double accuracy() {
      return (double) found / trials;
    }
  }

  /**
   * Prepares to measure.
   *
   * @param tokenizer the model's; the caller closes it
   * @param continuation what continues the prompts
   */
  public TopicRetrieval(Tokenizer tokenizer, Continuation continuation) {
    this.tokenizer = tokenizer;
    this.continuation = continuation;
  }

  /**
   * Measures.
   *
   * @param counts how many topics are discussed, each from 1 to {@link TopicPrompt#MOST_TOPICS}
   * @param trials how many prompts for each of them, at least 1
   * @param seed the first prompt's; the others count up from it
   * @return one result for each count
   */
  public List<Result> measure(List<Integer> counts, int trials, long seed) {
    List<Result> results = new ArrayList<>();
    for (int count : counts) {
      int found = 0;
      long tokens = 0;
      for (int trial = 0; trial < trials; trial++) {
        TopicPrompt prompt = TopicPrompt.drawn(count, seed + trial);
        int[] ids = tokenizer.encodePrompt(prompt.text());
        tokens += ids.length;
        if (prompt.isToldBy(tokenizer.decode(continuation.after(ids, ANSWER_TOKENS)))) {
          found++;
        }
      }
      results.add(new Result(count, trials, found, (double) tokens / trials));
    }
    return results;
  }
}
