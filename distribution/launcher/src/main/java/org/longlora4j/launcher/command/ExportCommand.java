package org.longlora4j.launcher.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.checkpoint.NumberFormat;
import org.longlora4j.core.checkpoint.SafetensorsExport;
import org.longlora4j.core.gguf.GgufExport;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes a model for other tools. */
@Command(
    name = "export",
    description =
        "Writes a model for other tools, an adapter merged into it: as a Hugging Face checkpoint in"
            + " another number format and files of another size, or as a GGUF file for llama.cpp.")
final class ExportCommand implements Callable<Integer> {
  private static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

  private final Session session;
  @Mixin private ModelOptions model;
  @Mixin private ResultFormat format;

  /** The file formats. */
  enum FileFormat {
    SAFETENSORS,
    GGUF
  }

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "safetensors or gguf.")
  private FileFormat fileFormat;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "PATH",
      description = "Where the checkpoint directory or the .gguf file will appear; must not exist.")
  private Path output;

  @Option(
      names = "--dtype",
      paramLabel = "DTYPE",
      description =
          "float32, float16 or bfloat16. Default: the model's own for safetensors, float16 for"
              + " gguf.")
  private Optional<NumberFormat> numberFormat = Optional.empty();

  @Option(
      names = "--max-shard-size",
      paramLabel = "SIZE",
      converter = MemorySize.Converter.class,
      description = "With safetensors: the largest file, such as 500MB. Default: 5GB.")
  private Optional<MemorySize> maxShardSize = Optional.empty();

  @Spec private CommandSpec spec;

  ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    if (fileFormat == FileFormat.GGUF && maxShardSize.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--max-shard-size goes with --format safetensors: GGUF is one file");
    }
    try (AdaptedCheckpoint source = model.open(session)) {
      Exported exported =
          fileFormat == FileFormat.GGUF ? exportGguf(source) : exportSafetensors(source);
      session.output().print(format, exported);
      return ExitCode.OK;
    }
  }

  private Exported exportGguf(AdaptedCheckpoint source) throws IOException {
    GgufExport.Result result =
        new GgufExport(source, session.engine())
            .write(output, numberFormat.orElse(NumberFormat.FLOAT16));
    return new Exported(
        result.output(),
        "gguf",
        result.format().key(),
        1,
        result.tensors(),
        result.bytes(),
        result.notes());
  }

  private Exported exportSafetensors(AdaptedCheckpoint source) throws IOException {
    SafetensorsExport.Result result =
        new SafetensorsExport(source, session.engine())
            .write(
                output,
                numberFormat.orElseGet(() -> NumberFormat.of(source.base().floatType())),
                maxShardSize.map(MemorySize::bytes).orElse(DEFAULT_SHARD_BYTES));
    return new Exported(
        result.output(),
        "safetensors",
        result.format().key(),
        result.files(),
        result.tensors(),
        result.bytes(),
        List.of());
  }

  /** What was written. */
  record Exported(
      Path output,
      String format,
      String dtype,
      int files,
      int tensors,
      long bytes,
      List<String> notes)
      implements Result {
    @Override
    public String toText() {
      String text =
          String.format(
              Locale.ROOT,
              "Exported %d tensors in %s to %s: %s, %s.",
              tensors,
              dtype,
              output,
              files == 1 ? "one file" : files + " files",
              MemorySize.text(bytes));
      return text + String.join("", notes.stream().map(note -> "\nNote: " + note + ".").toList());
    }
  }
}
