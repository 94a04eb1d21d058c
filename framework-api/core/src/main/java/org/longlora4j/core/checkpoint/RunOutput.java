package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.JsonFile;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

/** Puts a trained model into its run directory: an adapter, or a whole checkpoint. */
public final class RunOutput {
  private final Checkpoint base;
  private final TorchServices services;

  /** Prepares to write what was trained from a base. */
  public RunOutput(Checkpoint base, TorchServices services) {
    this.base = base;
    this.services = services;
  }

  /**
   * Writes.
   *
   * @param directory the run directory
   * @param config the config.json of the extended model
   * @param plan what was trained: with a PEFT configuration an adapter is written, without one a
   *     whole checkpoint
   * @param trained the parameters, float32
   * @param tokenizer what tokens were added to, if any were
   * @throws IOException if the disk does not take it
   */
  public void write(
      Path directory,
      ModelConfig config,
      AdapterPlan plan,
      Map<String, NDArray> trained,
      Optional<TokenizerFiles> tokenizer)
      throws IOException {
    if (plan.config().isPresent()) {
      Map<String, Object> peft = new LinkedHashMap<>(plan.config().get());
      peft.put("base_model_name_or_path", base.directory().map(Path::toString).orElse(""));
      try (NDManager scope = services.engine().newManager()) {
        PeftAdapter.write(directory, peft, withResized(trained, scope), services.compiler());
      }
      JsonFile.write(directory.resolve("config.json"), config.json());
    } else {
      new CheckpointExport(base, new WeightStorage.Dense(), services)
          .write(
              directory,
              config.json(),
              (name, scope) -> Optional.ofNullable(trained.get(name)),
              false);
    }
    if (tokenizer.isPresent()) {
      tokenizer.get().write(directory);
    }
  }

  /** The parameters, and as PEFT does the embeddings and head of a model that was resized. */
  private Map<String, NDArray> withResized(Map<String, NDArray> trained, NDManager scope) {
    Map<String, NDArray> all = new LinkedHashMap<>(trained);
    for (String tensor : base.resizedTensors()) {
      all.computeIfAbsent(
          tensor,
          name ->
              new TensorReader(services.compiler())
                  .read(base.file(name), name, Precision.FLOAT32, scope));
    }
    return all;
  }
}
