package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.longlora4j.core.checkpoint.Quantization;
import org.longlora4j.core.checkpoint.RegisteredFormats;
import org.longlora4j.core.checkpoint.WeightStorage;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.ModelFamilies;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a quantized checkpoint of a float one. */
@Command(
    name = "quantize",
    description =
        "Quantizes the projections of a checkpoint, weight by weight: the result is a Hugging Face"
            + " checkpoint as transformers and bitsandbytes save one. Embeddings, norms and the"
            + " output head stay as they are.")
final class QuantizeCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private ResultFormat format;

  @Option(
      names = "--method",
      required = true,
      paramLabel = "METHOD",
      description = "The quantizer: nf4, fp4 or int8, or one of a plugin's.")
  private String method;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A Hugging Face checkpoint of floats: config.json and safetensors.")
  private Path model;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Where the quantized checkpoint will appear; must not exist.")
  private Path output;

  @Mixin private QuantizerOptions options;

  QuantizeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    WeightStorage.Quantized storage = options.storage(method, session);
    try (Checkpoint checkpoint =
        Checkpoint.open(
            model,
            new ModelFamilies(session.extensions()),
            new RegisteredFormats(session.extensions(), session.engine()))) {
      Quantization.Result result =
          new Quantization(checkpoint, session.engine()).write(output, storage);
      session
          .output()
          .print(
              format,
              new Quantized(
                  result.output(),
                  method,
                  result.quantized(),
                  result.bytesBefore(),
                  result.bytes()));
      return ExitCode.OK;
    }
  }

  /** What was quantized. */
  record Quantized(Path output, String method, long quantizedWeights, long bytesBefore, long bytes)
      implements Result {
    @Override
    public String toText() {
      return String.format(
          Locale.ROOT,
          "Quantized %d weights to %s in %s: %,d bytes of tensors instead of %,d.",
          quantizedWeights,
          method,
          output,
          bytes,
          bytesBefore);
    }
  }
}
