package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.checkpoint.Merge;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes one checkpoint of a base and its adapter. */
@Command(
    name = "merge",
    description =
        "Merges an adapter into its base: the result is a Hugging Face checkpoint in the base's"
            + " number format, with the adapter's config.json and the base's tokenizer.")
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

  MergeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    try (AdaptedCheckpoint source =
        AdaptedCheckpoint.open(
            model, Optional.of(adapter), session.extensions(), session.engine())) {
      Merge.Result result = new Merge(source, session.engine()).write(output);
      session.output().print(format, new Merged(result.output(), result.merged(), result.untied()));
      return ExitCode.OK;
    }
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
