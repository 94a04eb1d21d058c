package org.longlora4j.launcher.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.evaluate.TopicPrompt;
import org.longlora4j.core.evaluate.TopicRetrieval;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures topic retrieval by the number of topics. */
@Command(
    name = "topics",
    description =
        "Lets a model read a long talk about several topics, each some 600 tokens, and measures how"
            + " often it names the first one. The talks are generated.")
final class EvaluateTopicsCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ModelOptions model;
  @Mixin private RopeOption rope;
  @Mixin private ModelOptions.PrecisionOption precision;
  @Mixin private ResultFormat format;

  @Option(
      names = "--topics",
      split = ",",
      defaultValue = "5,10,15,20,25",
      paramLabel = "N",
      description =
          "How many topics are discussed; several by commas. Default: ${DEFAULT-VALUE}, as"
              + " published.")
  private List<Integer> topics;

  @Option(
      names = "--trials",
      defaultValue = "10",
      paramLabel = "N",
      description = "Talks for each number of topics. Default: ${DEFAULT-VALUE}.")
  private int trials;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "The first talk's seed; the others count up from it. Default: ${DEFAULT-VALUE}.")
  private long seed;

  EvaluateTopicsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    requireRanges();
    List<TopicRetrieval.Result> results =
        Answering.by(
            session,
            model,
            rope,
            precision,
            List.of(),
            (tokenizer, config, continuation) ->
                new TopicRetrieval(tokenizer, continuation).measure(topics, trials, seed));
    session.output().print(format, Topics.of(results));
    return ExitCode.OK;
  }

  private void requireRanges() {
    if (trials < 1) {
      throw new InvalidInputException("--trials is " + trials + ", must be at least 1");
    }
    for (int count : topics) {
      if (count < 1 || count > TopicPrompt.MOST_TOPICS) {
        throw new InvalidInputException(
            "--topics has %d, must be from 1 to %d".formatted(count, TopicPrompt.MOST_TOPICS));
      }
    }
  }

  /** One number of topics. */
  record Row(int topics, int trials, int found, double accuracy, double meanTokens) {}

  /** How often the first topic was told. */
  record Topics(List<Row> topics) implements Result {
    static Topics of(List<TopicRetrieval.Result> results) {
      return new Topics(
          results.stream()
              .map(
                  result ->
                      new Row(
                          result.topics(),
                          result.trials(),
                          result.found(),
                          result.accuracy(),
                          result.meanTokens()))
              .toList());
    }

    @Override
    public String toText() {
      List<List<String>> cells = new ArrayList<>();
      cells.add(List.of("TOPICS", "TOKENS", "ACCURACY", "TRIALS"));
      for (Row row : topics) {
        cells.add(
            List.of(
                Integer.toString(row.topics()),
                String.format(Locale.ROOT, "%.0f", row.meanTokens()),
                String.format(Locale.ROOT, "%.2f", row.accuracy()),
                Integer.toString(row.trials())));
      }
      return new TextTable(cells).toText();
    }
  }
}
