package org.longlora4j.core.evaluate;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import org.longlora4j.api.data.PasskeyPrompt;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.Tokenizer;

/**
 * The passkey retrieval test: how often a model tells the number that a long prompt hides.
 *
 * <p>The prompts are those of {@link PasskeyPrompt}, trial {@code t} with the seed {@code seed +
 * t}. The model continues each greedily by as many tokens as the answer has, and has found the
 * number if the digits with which its continuation begins are the number's.
 */
public final class Passkey {
  private static final int SAMPLE_CHARACTERS = 9000;

  private final Tokenizer tokenizer;
  private final Continuation continuation;

  /**
   * What was measured at one length and depth.
   *
   * @param length the most tokens of a prompt and its answer
   * @param depth how much of the filler comes before the number, from 0 to 1; empty for places
   *     drawn at random, as published
   * @param trials how many prompts
   * @param found in how many the model told the number
   * @param meanTokens how many tokens a prompt and its answer had on average
   */
  public record Result(int length, OptionalDouble depth, int trials, int found, double meanTokens) {
    /** The share of prompts in which the model told the number. */
    public double accuracy() {
      return (double) found / trials;
    }
  }

  /** A prompt that is to be asked. */
  @SuppressWarnings("ArrayRecordComponent") // a long vector that nobody compares
  private record Question(PasskeyPrompt prompt, int place, int[] tokens, int answerTokens) {}

  /**
   * Prepares to measure.
   *
   * @param tokenizer the model's; the caller closes it
   * @param continuation what continues the prompts
   */
  public Passkey(Tokenizer tokenizer, Continuation continuation) {
    this.tokenizer = requireNonNull(tokenizer, "tokenizer is null");
    this.continuation = requireNonNull(continuation, "continuation is null");
  }

  /**
   * Measures at every length and depth.
   *
   * <p>Of one length, the prompts with the most filler before the number come first: each then has
   * as much as can be in common with the one before it.
   *
   * @param lengths the most tokens of a prompt and its answer; the filler fills it up
   * @param depths how much of the filler comes before the number, from 0 to 1; empty to draw places
   *     at random, as published
   * @param trials how many prompts for each length and depth, at least 1
   * @param seed the first prompt's, from 0; the published test counts up from 0
   * @return one result for each length and depth, all depths of the first length first
   * @throws InvalidInputException if a prompt without filler is longer than a length
   */
  public List<Result> measure(List<Integer> lengths, List<Double> depths, int trials, long seed) {
    List<OptionalDouble> places =
        depths.isEmpty()
            ? List.of(OptionalDouble.empty())
            : depths.stream().map(OptionalDouble::of).toList();
    List<Result> results = new ArrayList<>();
    lengths.forEach(length -> results.addAll(measureLength(length, places, trials, seed)));
    return results;
  }

  private List<Result> measureLength(
      int length, List<OptionalDouble> depths, int trials, long seed) {
    List<Question> questions = new ArrayList<>();
    for (int place = 0; place < depths.size(); place++) {
      for (int trial = 0; trial < trials; trial++) {
        PasskeyPrompt prompt = prompt(length, depths.get(place), seed + trial);
        int[] tokens = tokenizer.encodePrompt(prompt.text());
        questions.add(new Question(prompt, place, tokens, answerTokens(prompt)));
      }
    }
    questions.sort(Comparator.comparingInt((Question q) -> q.prompt().before()).reversed());
    int[] found = new int[depths.size()];
    long[] tokens = new long[depths.size()];
    for (Question question : questions) {
      tokens[question.place()] += question.tokens().length + question.answerTokens();
      int[] continued = continuation.after(question.tokens(), question.answerTokens());
      if (tells(continued, question.prompt())) {
        found[question.place()]++;
      }
    }
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < depths.size(); i++) {
      results.add(new Result(length, depths.get(i), trials, found[i], (double) tokens[i] / trials));
    }
    return results;
  }

  /** The prompt of a seed that fills a length as far as whole steps of filler allow. */
  private PasskeyPrompt prompt(int length, OptionalDouble depth, long seed) {
    IntFunction<PasskeyPrompt> ofGarbage =
        garbage -> {
          PasskeyPrompt drawn = PasskeyPrompt.drawn(garbage, seed);
          return depth.isPresent() ? drawn.atDepth(depth.getAsDouble()) : drawn;
        };
    double charactersPerToken = charactersPerToken();
    int garbage = (int) (length * charactersPerToken);
    int excess = excess(ofGarbage, garbage, length);
    // The place is drawn anew for each amount of filler, so what fits is tried and not computed.
    while (excess > 0) {
      if (garbage == 1) {
        throw tooShort(length, excess);
      }
      garbage = Math.max(1, garbage - (int) Math.ceil(excess * charactersPerToken));
      excess = excess(ofGarbage, garbage, length);
    }
    return ofGarbage.apply(garbage);
  }

  /** How many tokens a prompt and its answer have beyond a length. */
  private int excess(IntFunction<PasskeyPrompt> ofGarbage, int garbage, int length) {
    PasskeyPrompt prompt = ofGarbage.apply(garbage);
    return tokenizer.encodePrompt(prompt.text()).length + answerTokens(prompt) - length;
  }

  private double charactersPerToken() {
    return (double) SAMPLE_CHARACTERS
        / tokenizer.encode(PasskeyPrompt.filler(SAMPLE_CHARACTERS)).length;
  }

  /** What the answer adds to the question, whose last token it may not begin anew. */
  private int answerTokens(PasskeyPrompt prompt) {
    String question = PasskeyPrompt.question();
    return tokenizer.encode(question + " " + prompt.answer()).length
        - tokenizer.encode(question).length;
  }

  private boolean tells(int[] continued, PasskeyPrompt prompt) {
    String text = tokenizer.decode(continued).strip();
    int digits = 0;
    while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
      digits++;
    }
    return text.substring(0, digits).equals(prompt.answer());
  }

  private static InvalidInputException tooShort(int length, int excess) {
    return new InvalidInputException(
        "the passkey prompt without filler takes %d tokens of this tokenizer, the length is %d; give at least %d"
            .formatted(length + excess, length, length + excess));
  }
}
