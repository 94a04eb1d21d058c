package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.CountedSource;
import org.longlora4j.core.data.DataReport;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.Perplexity;
import org.longlora4j.core.evaluate.Perplexity.Scoring;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.recipe.RecipeReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures perplexity by length. */
@Command(
    name = "perplexity",
    description =
        "Lays windows over a text and measures how well each token of a window is predicted from"
            + " those before it.")
final class EvaluatePerplexityCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ModelOptions model;
  @Mixin private RopeOption rope;
  @Mixin private ModelOptions.PrecisionOption precision;
  @Mixin private ResultFormat format;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATA",
      description =
          "A file, a directory or a glob of text, or the data section of a recipe, such as"
              + " '{use: token-rows, path: rows.safetensors}'.")
  private String data;

  @Option(
      names = "--length",
      split = ",",
      paramLabel = "N",
      description = "Tokens in a window; several by commas. Default: the model's context length.")
  private List<Integer> lengths = List.of();

  @Option(
      names = "--window",
      paramLabel = "STEP",
      description =
          "Tokens from one window's begin to the next one's; 256 as published. A last window that"
              + " the text does not fill is left out. Default: the length, so that windows do not"
              + " overlap.")
  private Optional<Integer> step = Optional.empty();

  @Option(
      names = "--score",
      defaultValue = "all",
      description =
          "all: every token of every window but the first, as published; new: only the tokens that"
              + " no window before has scored. Default: ${DEFAULT-VALUE}.")
  private Scoring scoring;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Measure on about this many tokens of the data. Default: all.")
  private Optional<Long> maxTokens = Optional.empty();

  EvaluatePerplexityCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    lengths.forEach(this::settings);
    DocumentSource chosen = source();
    try (AdaptedCheckpoint checkpoint = model.open(session)) {
      CountedSource source = new CountedSource(chosen, checkpoint.config()::requireInVocabulary);
      ModelConfig config = rope.tried(session, checkpoint.config(), lengths);
      List<Integer> wanted = lengths.isEmpty() ? List.of(config.maxPositions()) : lengths;
      Optional<Tokenizer> tokenizer = Tokenizer.inDirectory(model.tokenizer());
      try (CausalLanguageModel loaded = checkpoint.load(precision.precision(), config.rotary())) {
        Perplexity perplexity = new Perplexity(loaded, session.engine());
        List<Row> rows = new ArrayList<>();
        for (int length : wanted) {
          Perplexity.Result measured = perplexity.measure(source, tokenizer, settings(length));
          rows.add(Row.of(measured, source.take()));
        }
        session.output().print(format, new Perplexities(rows));
        return ExitCode.OK;
      } finally {
        tokenizer.ifPresent(Tokenizer::close);
      }
    }
  }

  private Perplexity.Settings settings(int length) {
    OptionalLong limit = maxTokens.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    return new Perplexity.Settings(length, step.orElse(length), scoring, limit);
  }

  private DocumentSource source() {
    boolean isSection = data.strip().startsWith("{");
    String section =
        isSection
            ? data
            : "{use: text, shuffle: false, path: '%s'}".formatted(data.replace("'", "''"));
    RecipeReader reader = new RecipeReader(session.extensions(), session.recipes());
    return session
        .extensions()
        .create(
            reader.choose(DocumentSource.class, section, Path.of("").toAbsolutePath()),
            session.engine());
  }

  /**
   * What was measured at one length.
   *
   * @param bitsPerByte present where the text is known
   * @param data what was read for it, and what was left out
   */
  record Row(
      int length,
      int window,
      String score,
      double perplexity,
      double loss,
      OptionalDouble bitsPerByte,
      double accuracy,
      long tokens,
      long windows,
      DataReport data) {
    static Row of(Perplexity.Result result, DataReport data) {
      return new Row(
          result.settings().length(),
          result.settings().step(),
          result.settings().scoring().name().toLowerCase(Locale.ROOT),
          result.perplexity(),
          result.loss(),
          result.bitsPerByte(),
          result.accuracy(),
          result.tokens(),
          result.windows(),
          data);
    }

    List<String> cells() {
      return List.of(
          Integer.toString(length),
          Integer.toString(window),
          score,
          decimals(perplexity),
          decimals(loss),
          bitsPerByte.isPresent() ? decimals(bitsPerByte.getAsDouble()) : "-",
          decimals(accuracy),
          Long.toString(tokens));
    }

    private static String decimals(double value) {
      return String.format(Locale.ROOT, "%.4f", value);
    }
  }

  /** Perplexity by length. */
  record Perplexities(List<Row> perplexity) implements Result {
    @Override
    public String toText() {
      List<List<String>> cells = new ArrayList<>();
      cells.add(
          List.of(
              "LENGTH",
              "WINDOW",
              "SCORE",
              "PERPLEXITY",
              "LOSS",
              "BITS/BYTE",
              "ACCURACY",
              "TOKENS"));
      perplexity.forEach(row -> cells.add(row.cells()));
      Stream<String> read = perplexity.stream().map(row -> row.data().toText()).distinct();
      return Stream.concat(Stream.of(new TextTable(cells).toText()), read)
          .collect(Collectors.joining("\n"));
    }
  }
}
