package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.TorchServices;

/** Turns a base and its adapter into one checkpoint that any tool loads, tensor by tensor. */
public final class Merge {
  private final AdaptedCheckpoint source;
  private final TorchServices services;

  /**
   * What a merge did.
   *
   * @param output the new checkpoint
   * @param merged how many tensors changed
   * @param untied whether the head, which shared the base's embeddings, got a tensor of its own
   */
  public record Result(Path output, int merged, boolean untied) {}

  /** Prepares to merge an open base and adapter. */
  public Merge(AdaptedCheckpoint source, TorchServices services) {
    this.source = source;
    this.services = services;
  }

  /**
   * Writes the merged checkpoint as floats, in the base's number formats and files.
   *
   * @param output where it will appear, when it is whole
   * @throws InvalidInputException if there is something there already, or the adapter does not fit
   * @throws IOException if the disk does not take it
   */
  public Result write(Path output) throws IOException {
    return write(output, new WeightStorage.Dense());
  }

  /**
   * Writes the merged checkpoint in the base's number formats and files.
   *
   * @param output where it will appear, when it is whole
   * @param storage how its projections are kept; a quantized base does not decide it
   * @throws InvalidInputException if there is something there already, or the adapter does not fit
   * @throws IOException if the disk does not take it
   */
  public Result write(Path output, WeightStorage storage) throws IOException {
    MergedWeights weights = new MergedWeights(source, services);
    Set<String> changed = new HashSet<>();
    try (AtomicDirectory directory = AtomicDirectory.forNew(output)) {
      new CheckpointExport(source.base(), storage, services)
          .write(
              directory.path(),
              weights.config(),
              (name, scope) -> {
                Optional<NDArray> merged = weights.changed(name, scope);
                merged.ifPresent(m -> changed.add(name));
                return merged;
              },
              weights.untied());
      Optional<TokenizerFiles> tokenizer = source.adapterTokenizer();
      if (tokenizer.isPresent()) {
        tokenizer.get().write(directory.path());
      }
      weights.requireAllRead();
      directory.commit();
    }
    return new Result(output, changed.size(), weights.untied());
  }
}
