package org.longlora4j.launcher.command;

import java.util.List;
import org.longlora4j.core.generate.Sampling;
import picocli.CommandLine.Option;

/** The mixin of commands that let a model write: how it chooses its words, and where it ends. */
final class SamplingOptions {
  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description =
          "Divides the logits before a token is drawn; 0 takes the likeliest. Default:"
              + " ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description =
          "Draw among the K likeliest tokens alone; 0 for all. Default: ${DEFAULT-VALUE}.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description =
          "Draw among the likeliest tokens alone that together have the probability P. Default:"
              + " ${DEFAULT-VALUE}.")
  private double topP;

  @Option(
      names = "--repetition-penalty",
      defaultValue = "1",
      paramLabel = "R",
      description =
          "Divides positive logits of tokens that are in the text already, and multiplies negative"
              + " ones; 1 for none. Default: ${DEFAULT-VALUE}.")
  private double repetitionPenalty;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text, which may be given several times. Default: none.")
  private List<String> stops = List.of();

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "Decides what is drawn. Default: ${DEFAULT-VALUE}.")
  private long seed;

  /**
   * How to choose.
   *
   * @throws org.longlora4j.api.plugin.InvalidInputException if a number is out of range
   */
  Sampling sampling() {
    return new Sampling(temperature, topK, topP, repetitionPenalty, seed);
  }

  /** Where to end; an empty text would end everything at once and is none. */
  List<String> stops() {
    return stops.stream().filter(stop -> !stop.isEmpty()).toList();
  }
}
