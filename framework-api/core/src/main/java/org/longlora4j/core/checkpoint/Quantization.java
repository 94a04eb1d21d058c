package org.longlora4j.core.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.TorchServices;

/** Turns a checkpoint of floats into one whose projections are quantized, tensor by tensor. */
public final class Quantization {
  private final Checkpoint source;
  private final TorchServices services;

  /**
   * What was done.
   *
   * @param output the new checkpoint
   * @param quantized how many weights are quantized in it
   * @param bytesBefore of all tensors of the source
   * @param bytes of all tensors of the new checkpoint
   */
  public record Result(Path output, long quantized, long bytesBefore, long bytes) {}

  /**
   * Prepares to quantize.
   *
   * @param source open
   * @param services the engine
   * @throws InvalidInputException if weights of it are quantized already
   */
  public Quantization(Checkpoint source, TorchServices services) {
    source
        .quantizer()
        .ifPresent(
            stored -> {
              throw new InvalidInputException(
                  "%s: its weights are quantized already, as %s. Quantize the float checkpoint that it was made from."
                      .formatted(source.config().file(), stored));
            });
    this.source = source;
    this.services = services;
  }

  /**
   * Writes the quantized checkpoint in the files of its source.
   *
   * @param output where it will appear, when it is whole
   * @param storage how the projections are kept
   * @throws InvalidInputException if there is something there already
   * @throws IOException if the disk does not take it
   */
  public Result write(Path output, WeightStorage.Quantized storage) throws IOException {
    try (AtomicDirectory directory = AtomicDirectory.forNew(output)) {
      long bytes =
          new CheckpointExport(source, storage, services)
              .write(
                  directory.path(),
                  source.config().json(),
                  (name, scope) -> Optional.empty(),
                  false);
      directory.commit();
      long quantized = source.modules().stream().filter(storage::quantizes).count();
      return new Result(output, quantized, bytesBefore(), bytes);
    }
  }

  private long bytesBefore() {
    return source.tensorNames().stream()
        .mapToLong(name -> source.file(name).entries().get(name).bytes())
        .sum();
  }
}
