package org.longlora4j.core.evaluate.longbench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.Continuation;

/** Asks a model, and scores what it said. */
public final class LongBench {
  private final Tokenizer tokenizer;
  private final Continuation continuation;
  private final Prompts prompts;
  private final int context;
  private final OptionalInt maxLength;

  /**
   * What a dataset's predictions are worth.
   *
   * @param dataset its name
   * @param metric what compared
   * @param samples how many predictions
   * @param score the mean over them, from 0 to 100
   */
  public record Score(String dataset, Metric metric, int samples, double score) {}

  /**
   * Prepares to ask.
   *
   * @param tokenizer the model's; the caller closes it
   * @param continuation what continues the prompts
   * @param prompts how samples are put
   * @param context the model's in tokens
   * @param maxLength the most tokens of a prompt; if absent, what the context leaves beside the
   *     answer
   */
  public LongBench(
      Tokenizer tokenizer,
      Continuation continuation,
      Prompts prompts,
      int context,
      OptionalInt maxLength) {
    this.tokenizer = tokenizer;
    this.continuation = continuation;
    this.prompts = prompts;
    this.context = context;
    this.maxLength = maxLength;
  }

  /**
   * What the model says to a sample.
   *
   * @throws InvalidInputException if the dataset is none of LongBench's, or the context holds no
   *     prompt beside its answers
   */
  public Prediction predict(Sample sample) {
    Task task = Task.of(sample.dataset());
    int most = maxLength.orElse(context - task.maxNewTokens());
    if (most < 2) {
      throw new InvalidInputException(
          "the context of %d tokens leaves no room for a prompt beside the %d tokens of an answer"
                  .formatted(context, task.maxNewTokens())
              + " to '%s'; give --max-length".formatted(sample.dataset()));
    }
    int[] answer = continuation.after(prompt(sample, most), task.maxNewTokens());
    return new Prediction(
        sample.id(),
        sample.dataset(),
        tokenizer.decode(answer),
        sample.answers(),
        sample.classes(),
        sample.length());
  }

  /** The tokens of a prompt, of which one that is too long loses its middle, as published. */
  private int[] prompt(Sample sample, int most) {
    int[] whole = tokenizer.encodePrompt(prompts.of(sample));
    if (whole.length <= most) {
      return whole;
    }
    int half = most / 2;
    String begin = tokenizer.decode(Arrays.copyOf(whole, half));
    String end = tokenizer.decode(Arrays.copyOfRange(whole, whole.length - half, whole.length));
    return tokenizer.encodePrompt(begin + end);
  }

  /**
   * Scores predictions.
   *
   * @return one score for each dataset, in the order in which they appear
   * @throws InvalidInputException if a dataset is none of LongBench's
   */
  public static List<Score> score(List<Prediction> predictions) {
    Map<String, List<Prediction>> byDataset = new LinkedHashMap<>();
    predictions.forEach(
        one -> byDataset.computeIfAbsent(one.dataset(), name -> new ArrayList<>()).add(one));
    List<Score> scores = new ArrayList<>();
    byDataset.forEach(
        (dataset, all) -> {
          Task task = Task.of(dataset);
          double mean = all.stream().mapToDouble(task::score).average().orElse(0);
          scores.add(new Score(dataset, task.metric(), all.size(), 100 * mean));
        });
    return scores;
  }
}
