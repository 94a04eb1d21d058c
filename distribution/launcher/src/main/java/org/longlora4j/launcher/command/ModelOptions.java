package org.longlora4j.launcher.command;

import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.data.Tokenizer;
import picocli.CommandLine.Option;

/** The mixin of every command that works on a model. */
final class ModelOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A Hugging Face checkpoint: config.json and safetensors.")
  private Path model;

  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description =
          "An adapter in PEFT's format, such as a run directory. A config.json beside it holds"
              + " instead of the model's.")
  private Optional<Path> adapter = Optional.empty();

  Path model() {
    return model;
  }

  Optional<Path> adapter() {
    return adapter;
  }

  /** Where the tokenizer is: beside an adapter that tokens were added with, else in the model. */
  Path tokenizer() {
    return adapter.filter(Tokenizer::isIn).orElse(model);
  }

  AdaptedCheckpoint open(Session session) {
    return AdaptedCheckpoint.open(model, adapter, session.extensions(), session.engine());
  }

  /** The mixin of commands that load the model. */
  static final class PrecisionOption {
    @Option(
        names = "--precision",
        defaultValue = "float32",
        description = "float32 or bfloat16. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    Precision precision() {
      return precision;
    }
  }
}
