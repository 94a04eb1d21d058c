package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.evaluate.Passkey;
import org.longlora4j.core.report.RetrievalPicture;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures retrieval by length and depth. */
@Command(
    name = "passkey",
    description =
        "Hides a number in a long prompt, as the published passkey test does, and measures how"
            + " often the model tells it.")
final class EvaluatePasskeyCommand implements Callable<Integer> {
  private static final String RANDOM = "random";

  private final Session session;
  @Mixin private ModelOptions model;
  @Mixin private RopeOption rope;
  @Mixin private ModelOptions.PrecisionOption precision;
  @Mixin private ResultFormat format;

  @Option(
      names = "--lengths",
      split = ",",
      paramLabel = "N",
      description =
          "Tokens of a prompt and its answer at most; several by commas. Default: the model's"
              + " context length.")
  private List<Integer> lengths = List.of();

  @Option(
      names = "--depths",
      split = ",",
      defaultValue = RANDOM,
      paramLabel = "D",
      description =
          "How much of the filler comes before the number, from 0 to 1; several by commas; or"
              + " random, as published. Default: ${DEFAULT-VALUE}.")
  private List<String> depths;

  @Option(
      names = "--trials",
      defaultValue = "10",
      paramLabel = "N",
      description = "Prompts for each length and depth. Default: ${DEFAULT-VALUE}.")
  private int trials;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "The first prompt's seed; the others count up from it. Default: ${DEFAULT-VALUE}, as"
              + " published.")
  private int seed;

  @Option(
      names = "--picture",
      paramLabel = "FILE.svg",
      description = "Draw the accuracies by length and depth into this file too.")
  private Optional<Path> picture = Optional.empty();

  EvaluatePasskeyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    requireAtLeast("--trials", 1, trials);
    requireAtLeast("--seed", 0, seed);
    lengths.forEach(length -> requireAtLeast("--lengths", 1, length));
    picture.ifPresent(EvaluatePasskeyCommand::requireSvg);
    List<Double> grid = grid();
    List<Passkey.Result> results =
        Answering.by(
            session,
            model,
            rope,
            precision,
            lengths,
            (tokenizer, config, continuation) ->
                new Passkey(tokenizer, continuation)
                    .measure(
                        lengths.isEmpty() ? List.of(config.maxPositions()) : lengths,
                        grid,
                        trials,
                        seed));
    picture.ifPresent(file -> draw(results, file));
    session.output().print(format, PasskeyTable.of(results));
    return ExitCode.OK;
  }

  private static void requireSvg(Path file) {
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
      throw new InvalidInputException(
          "--picture is " + file + ", must end in .svg: that is what is drawn");
    }
  }

  private static void draw(List<Passkey.Result> results, Path file) {
    RetrievalPicture.of(results).write(file);
  }

  private static void requireAtLeast(String option, int least, int value) {
    if (value < least) {
      throw new InvalidInputException(option + " is " + value + ", must be at least " + least);
    }
  }

  /** The depths; empty for random ones. */
  private List<Double> grid() {
    return depths.equals(List.of(RANDOM))
        ? List.of()
        : depths.stream().map(EvaluatePasskeyCommand::depth).toList();
  }

  private static double depth(String text) {
    double depth;
    try {
      depth = Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      depth = Double.NaN;
    }
    if (depth >= 0 && depth <= 1) {
      return depth;
    }
    throw new InvalidInputException(
        "--depths has " + text + ", must be numbers between 0 and 1, or random alone");
  }
}
