package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.longlora4j.api.data.DocumentSource;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.CountedSource;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.evaluate.Perplexity;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.recipe.RecipeReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures perplexity by length. */
@Command(
    name = "perplexity",
    description =
        "Cuts a text into windows and measures how well each token but the first of a window is"
            + " predicted from those before it.")
final class EvaluatePerplexityCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ModelOptions model;
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
      names = "--max-tokens",
      paramLabel = "N",
      description = "Measure on about this many tokens of the data. Default: all.")
  private Optional<Long> maxTokens = Optional.empty();

  EvaluatePerplexityCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    DocumentSource chosen = source();
    try (AdaptedCheckpoint checkpoint = model.open(session);
        CausalLanguageModel loaded = checkpoint.load(precision.precision())) {
      DocumentSource source = new CountedSource(chosen, checkpoint.config()::requireInVocabulary);
      Optional<Tokenizer> tokenizer = Tokenizer.inDirectory(model.model());
      try {
        List<Integer> wanted =
            lengths.isEmpty() ? List.of(checkpoint.config().maxPositions()) : lengths;
        OptionalLong limit = maxTokens.map(OptionalLong::of).orElseGet(OptionalLong::empty);
        List<Perplexity.Result> rows = new ArrayList<>();
        for (int length : wanted) {
          rows.add(
              new Perplexity(loaded, session.engine()).measure(source, tokenizer, length, limit));
        }
        session.output().print(format, new Perplexities(rows));
        return ExitCode.OK;
      } finally {
        tokenizer.ifPresent(Tokenizer::close);
      }
    }
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

  /** Perplexity by length. */
  record Perplexities(List<Perplexity.Result> perplexity) implements Result {
    @Override
    public String toText() {
      List<List<String>> cells = new ArrayList<>();
      cells.add(List.of("LENGTH", "PERPLEXITY", "LOSS", "TOKENS"));
      for (Perplexity.Result row : perplexity) {
        cells.add(
            List.of(
                Integer.toString(row.length()),
                String.format(Locale.ROOT, "%.4f", row.perplexity()),
                String.format(Locale.ROOT, "%.4f", row.loss()),
                Long.toString(row.tokens())));
      }
      return new TextTable(cells).toText();
    }
  }
}
