package org.longlora4j.core.recipe;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.api.plugin.Option;
import org.longlora4j.core.evaluate.Perplexity;
import org.longlora4j.core.plugin.Choice;

/**
 * The {@code evaluation} section of a study: how each of its models is measured, with dense
 * attention.
 *
 * @param data what perplexity is measured on
 * @param perplexity at which lengths, and how
 * @param passkey the passkey test; not made unless given
 */
public record StudyEvaluation(
    @Option("Where the documents come from that perplexity is measured on")
        Choice<DocumentSource> data,
    @Option("How perplexity is measured") Windows perplexity,
    @Option("How passkeys are looked for; not at all unless given") Optional<Passkeys> passkey) {

  /**
   * How perplexity is measured.
   *
   * @param lengths of windows, in tokens
   * @param window tokens from one window's begin to the next one's; the length unless given
   * @param score which tokens of overlapping windows count
   * @param maxTokens how much of the data is read; all of it unless given
   */
  public record Windows(
      @Option(value = "Tokens in a window", min = 2) List<Integer> lengths,
      @Option(
              value =
                  "Tokens from one window's begin to the next one's; the length unless given, so"
                      + " that windows do not overlap",
              min = 1)
          OptionalInt window,
      @Option(
              value =
                  "all: every token of every window but the first; new: only the tokens that no"
                      + " window before has scored",
              defaultValue = "all")
          Perplexity.Scoring score,
      @Option(value = "Measure on about this many tokens of the data; all unless given", min = 2)
          OptionalLong maxTokens) {
    /**
     * Copies the lengths.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Windows {
      lengths = List.copyOf(lengths);
      if (lengths.isEmpty()) {
        throw new IllegalArgumentException("lengths is empty, must name a length");
      }
    }

    /** The same for the measurement itself, length by length. */
    public List<Perplexity.Settings> settings() {
      return lengths.stream()
          .map(length -> new Perplexity.Settings(length, window.orElse(length), score, maxTokens))
          .toList();
    }
  }

  /**
   * How passkeys are looked for.
   *
   * @param lengths of a prompt and its answer, in tokens
   * @param depths how much of the filler comes before the key, from 0 to 1
   * @param trials prompts for each length and depth
   */
  public record Passkeys(
      @Option(value = "Tokens of a prompt and its answer at most", min = 1) List<Integer> lengths,
      @Option(
              value = "How much of the filler comes before the key",
              defaultValue = "[0, 0.25, 0.5, 0.75, 1]",
              min = 0,
              max = 1)
          List<Double> depths,
      @Option(value = "Prompts for each length and depth", defaultValue = "2", min = 1)
          int trials) {
    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if one is empty
     */
    public Passkeys {
      lengths = List.copyOf(lengths);
      depths = List.copyOf(depths);
      if (lengths.isEmpty() || depths.isEmpty()) {
        throw new IllegalArgumentException("lengths or depths is empty, must name one");
      }
    }
  }
}
