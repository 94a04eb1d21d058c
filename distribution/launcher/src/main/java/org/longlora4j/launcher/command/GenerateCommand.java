package org.longlora4j.launcher.command;

import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.generate.Generator;
import org.longlora4j.core.model.CausalLanguageModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a text. */
@Command(name = "generate", description = "Continues a prompt, and prints both.")
final class GenerateCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ModelOptions model;
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

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description =
          "Divides the logits before a token is drawn; 0 takes the likeliest. Default:"
              + " ${DEFAULT-VALUE}.")
  private double temperature;

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "Decides what is drawn. Default: ${DEFAULT-VALUE}.")
  private long seed;

  GenerateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (AdaptedCheckpoint checkpoint = model.open(session);
        Tokenizer tokenizer = session.requireTokenizer(model.model());
        CausalLanguageModel loaded = checkpoint.load(precision.precision())) {
      int[] promptIds = tokenizer.encodePrompt(prompt);
      int[] newIds =
          new Generator(loaded, session.engine())
              .generate(
                  promptIds,
                  new Generator.Settings(maxNewTokens, temperature, seed, tokenizer.stopTokens()));
      int[] all = IntStream.concat(IntStream.of(promptIds), IntStream.of(newIds)).toArray();
      session.output().print(format, new Generated(tokenizer.decode(all), promptIds, newIds));
      return ExitCode.OK;
    }
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
