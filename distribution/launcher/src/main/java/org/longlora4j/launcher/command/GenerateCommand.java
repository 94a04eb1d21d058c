package org.longlora4j.launcher.command;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.generate.Generator;
import org.longlora4j.core.generate.StreamedText;
import org.longlora4j.core.model.CachedSequence;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.SinkWindow;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a text. */
@Command(name = "generate", description = "Continues a prompt, and prints both.")
final class GenerateCommand implements Callable<Integer> {
  private static final int DEFAULT_SINKS = 4; // as published

  private final Session session;
  @Mixin private ModelOptions model;
  @Mixin private RopeOption rope;
  @Mixin private ModelOptions.PrecisionOption precision;
  @Mixin private ResultFormat format;

  @Option(names = "--prompt", required = true, paramLabel = "TEXT", description = "The beginning.")
  private String prompt;

  @Option(
      names = "--max-new-tokens",
      defaultValue = "128",
      paramLabel = "N",
      description = "The most tokens to add. Default: ${DEFAULT-VALUE}.")
  private int maxNewTokens;

  @Mixin private SamplingOptions sampling;

  @Option(
      names = "--window",
      paramLabel = "N",
      description =
          "Attend to the latest N tokens and to the --sinks first ones only: for texts without end"
              + " at the memory of a short one. Default: attend to all tokens.")
  private Optional<Integer> window = Optional.empty();

  @Option(
      names = "--sinks",
      paramLabel = "N",
      description =
          "With --window: how many of the first tokens stay in view. Default: "
              + DEFAULT_SINKS
              + ".")
  private Optional<Integer> sinks = Optional.empty();

  GenerateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Optional<SinkWindow> kept = kept();
    try (AdaptedCheckpoint checkpoint = model.open(session);
        Tokenizer tokenizer = session.requireTokenizer(model.tokenizer())) {
      int[] promptIds = tokenizer.encodePrompt(prompt);
      ModelConfig config = rope.tried(session, checkpoint.config(), lengths(promptIds, kept));
      Generator.Settings settings =
          new Generator.Settings(maxNewTokens, sampling.sampling(), tokenizer.stopTokens());
      try (CausalLanguageModel loaded = checkpoint.load(precision.precision(), config.rotary());
          CachedSequence sequence = sequence(loaded, kept)) {
        String promptText = tokenizer.decode(promptIds);
        Consumer<String> sink = session.output().pieces(format);
        sink.accept(promptText);
        StreamedText text = new StreamedText(tokenizer, promptIds, sampling.stops(), sink);
        int[] newIds =
            new Generator(loaded, session.engine())
                .generate(sequence, promptIds, settings, text::accept);
        text.end();
        session
            .output()
            .endPieces(format, new Generated(promptText + text.text(), promptIds, newIds));
        return ExitCode.OK;
      }
    }
  }

  private Optional<SinkWindow> kept() {
    if (window.isEmpty() && sinks.isPresent()) {
      throw new InvalidInputException(
          "--sinks is given, but no --window: name how many of the latest tokens stay in view");
    }
    return window.map(latest -> new SinkWindow(sinks.orElse(DEFAULT_SINKS), latest));
  }

  /** How many tokens are in view at most, which a scaling without a factor is made for. */
  private List<Integer> lengths(int[] promptIds, Optional<SinkWindow> kept) {
    long all = Math.min(Integer.MAX_VALUE, (long) promptIds.length + maxNewTokens);
    return List.of(
        kept.map(SinkWindow::size).map(size -> (int) Math.min(size, all)).orElse((int) all));
  }

  private CachedSequence sequence(CausalLanguageModel loaded, Optional<SinkWindow> kept) {
    return kept.map(some -> CachedSequence.rolling(loaded, session.engine(), some))
        .orElseGet(() -> CachedSequence.dense(loaded, session.engine()));
  }

  /** A text and the tokens it is made of. */
  @SuppressWarnings("ArrayRecordComponent") // printed, never compared
  record Generated(String text, int[] promptIds, int[] newIds) implements Result {
    @Override
    public String toText() {
      return text;
    }
  }
}
