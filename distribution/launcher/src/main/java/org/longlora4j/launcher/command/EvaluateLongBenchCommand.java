package org.longlora4j.launcher.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.GreedyContinuation;
import org.longlora4j.core.evaluate.longbench.JsonLines;
import org.longlora4j.core.evaluate.longbench.LongBench;
import org.longlora4j.core.evaluate.longbench.Prediction;
import org.longlora4j.core.evaluate.longbench.Prompts;
import org.longlora4j.core.evaluate.longbench.Sample;
import org.longlora4j.core.evaluate.longbench.Task;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.ModelConfig;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Asks LongBench's questions, and scores the answers. */
@Command(
    name = "longbench",
    description =
        "Asks the questions of LongBench's files and scores the answers as it is published, or"
            + " scores predictions that are there.")
final class EvaluateLongBenchCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RopeOption rope;
  @Mixin private ModelOptions.PrecisionOption precision;
  @Mixin private ResultFormat format;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source;

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      description =
          "The dataset of LongBench that all files are treated as. Default: as the lines say under"
              + " dataset, or else as the file is named.")
  private Optional<String> dataset = Optional.empty();

  @Option(
      names = "--prompts",
      paramLabel = "FILE",
      description =
          "The templates by dataset, such as LongBench's own config/dataset2prompt.json, which"
              + " published scores were measured with. Default: the context, then the input.")
  private Optional<Path> prompts = Optional.empty();

  @Option(
      names = "--max-length",
      paramLabel = "N",
      description =
          "The most tokens of a prompt; a longer one loses its middle. Default: what the model's"
              + " context leaves beside the answer.")
  private Optional<Integer> maxLength = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Ask the first N questions of each file. Default: all.")
  private Optional<Integer> limit = Optional.empty();

  @Option(
      names = "--output",
      paramLabel = "FILE.jsonl",
      description = "Write the predictions to this file, each as soon as it is made.")
  private Optional<Path> output = Optional.empty();

  /** Where predictions come from. */
  private static final class Source {
    @ArgGroup(exclusive = false, multiplicity = "1")
    private Asked asked;

    @Option(
        names = "--predictions",
        required = true,
        split = ",",
        paramLabel = "FILE.jsonl",
        description =
            "Score these predictions and ask nothing: files as --output or LongBench's own script"
                + " writes them, by commas.")
    private List<Path> predictions = List.of();
  }

  /** What is asked of which model. */
  private static final class Asked {
    @ArgGroup(exclusive = false, multiplicity = "1")
    private ModelOptions model;

    @Option(
        names = "--task",
        required = true,
        split = ",",
        paramLabel = "FILE.jsonl",
        description = "Questions in LongBench's layout; several files by commas.")
    private List<Path> tasks = List.of();
  }

  EvaluateLongBenchCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    List<Prediction> predictions =
        source.predictions.isEmpty() ? ask(source.asked) : read(source.predictions);
    session.output().print(format, Scores.of(LongBench.score(predictions)));
    return ExitCode.OK;
  }

  private List<Prediction> read(List<Path> files) {
    List<Prediction> predictions = new ArrayList<>();
    files.forEach(file -> predictions.addAll(JsonLines.predictions(file, dataset)));
    return predictions;
  }

  private List<Sample> samples(List<Path> files) {
    List<Sample> samples = new ArrayList<>();
    for (Path file : files) {
      List<Sample> all = JsonLines.samples(file, dataset);
      samples.addAll(all.subList(0, Math.min(limit.orElse(Integer.MAX_VALUE), all.size())));
    }
    return samples;
  }

  private List<Prediction> ask(Asked asked) throws IOException {
    requireAtLeast("--limit", 1, limit);
    requireAtLeast("--max-length", 2, maxLength);
    List<Sample> samples = samples(asked.tasks);
    Prompts templates = prompts.map(Prompts::read).orElseGet(Prompts::plain);
    samples.forEach(templates::of); // a template that is missing shows before any work is done
    samples.forEach(sample -> Task.of(sample.dataset()));
    try (AdaptedCheckpoint checkpoint = asked.model.open(session);
        Tokenizer tokenizer = session.requireTokenizer(asked.model.tokenizer())) {
      List<Integer> lengths = maxLength.map(List::of).orElse(List.of());
      ModelConfig config = rope.tried(session, checkpoint.config(), lengths);
      try (Writer out = writer();
          CausalLanguageModel loaded = checkpoint.load(precision.precision(), config.rotary());
          GreedyContinuation continuation =
              new GreedyContinuation(loaded, session.engine(), tokenizer.stopTokens())) {
        LongBench longBench =
            new LongBench(
                tokenizer,
                continuation,
                templates,
                config.maxPositions(),
                maxLength.map(OptionalInt::of).orElseGet(OptionalInt::empty));
        List<Prediction> predictions = new ArrayList<>();
        for (Sample sample : samples) {
          Prediction prediction = longBench.predict(sample);
          predictions.add(prediction);
          out.write(JsonLines.line(prediction) + "\n");
          out.flush();
        }
        return predictions;
      }
    }
  }

  private Writer writer() {
    return output.map(EvaluateLongBenchCommand::writer).orElseGet(Writer::nullWriter);
  }

  private static Writer writer(Path file) {
    try {
      return Files.newBufferedWriter(file, UTF_8);
    } catch (IOException e) {
      throw new InvalidInputException("--output: " + file + " cannot be written: " + e, e);
    }
  }

  private static void requireAtLeast(String option, int least, Optional<Integer> value) {
    if (value.isPresent() && value.get() < least) {
      throw new InvalidInputException(
          option + " is " + value.get() + ", must be at least " + least);
    }
  }

  /** One dataset's score. */
  record Row(String dataset, String metric, int samples, double score) {}

  /** The scores by dataset, from 0 to 100, and their mean. */
  record Scores(List<Row> longbench, double mean) implements Result {
    static Scores of(List<LongBench.Score> scores) {
      return new Scores(
          scores.stream()
              .map(
                  score ->
                      new Row(
                          score.dataset(), score.metric().label(), score.samples(), score.score()))
              .toList(),
          scores.stream().mapToDouble(LongBench.Score::score).average().orElse(0));
    }

    @Override
    public String toText() {
      List<List<String>> cells = new ArrayList<>();
      cells.add(List.of("DATASET", "METRIC", "SAMPLES", "SCORE"));
      for (Row row : longbench) {
        cells.add(
            List.of(
                row.dataset(), row.metric(), Integer.toString(row.samples()), shown(row.score())));
      }
      if (longbench.size() > 1) {
        cells.add(List.of("mean", "", "", shown(mean)));
      }
      return new TextTable(cells).toText();
    }

    private static String shown(double score) {
      return String.format(Locale.ROOT, "%.2f", score);
    }
  }
}
