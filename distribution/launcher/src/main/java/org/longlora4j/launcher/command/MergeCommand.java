package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.checkpoint.Merge;
import org.longlora4j.core.checkpoint.WeightStorage;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes one checkpoint of a base and its adapter. */
@Command(
    name = "merge",
    description =
        "Merges an adapter into its base: the result is a Hugging Face checkpoint in the base's"
            + " number format, with the adapter's config.json and the base's tokenizer. A base of"
            + " quantized weights becomes one of floats, unless --quantize says otherwise.")
final class MergeCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ResultFormat format;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The checkpoint that the adapter was trained on.")
  private Path model;

  @Option(
      names = "--adapter",
      required = true,
      paramLabel = "DIR",
      description = "An adapter in PEFT's format, such as a run directory.")
  private Path adapter;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where the merged checkpoint will appear; must not exist.")
  private Path output;

  @Option(
      names = "--quantize",
      paramLabel = "METHOD",
      description =
          "Quantize the merged weights: nf4, fp4 or int8, or a plugin's. Default: floats.")
  private Optional<String> method = Optional.empty();

  @Mixin private QuantizerOptions quantizer;
  @Spec private CommandSpec spec;

  MergeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    WeightStorage storage = storage();
    try (AdaptedCheckpoint source =
        AdaptedCheckpoint.open(
            model, Optional.of(adapter), session.extensions(), session.engine())) {
      Merge.Result result = new Merge(source, session.engine()).write(output, storage);
      session.output().print(format, new Merged(result.output(), result.merged(), result.untied()));
      return ExitCode.OK;
    }
  }

  private WeightStorage storage() {
    if (method.isEmpty() && quantizer.given()) {
      throw new ParameterException(
          spec.commandLine(),
          "--block-size and --no-double-quantization go with --quantize, which is missing");
    }
    return method
        .<WeightStorage>map(name -> quantizer.storage(name, session))
        .orElseGet(WeightStorage.Dense::new);
  }

  /** What was merged. */
  record Merged(Path output, int mergedTensors, boolean untied) implements Result {
    @Override
    public String toText() {
      String text = "Merged %d tensors into %s.".formatted(mergedTensors, output);
      return untied
          ? text
              + "\nThe base ties its head to its embeddings. The adapter trained the embeddings"
              + " alone, so the merged checkpoint carries both, and its config.json says"
              + " tie_word_embeddings: false."
          : text;
    }
  }
}
