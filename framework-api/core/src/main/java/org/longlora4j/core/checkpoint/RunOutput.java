package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.JsonFile;
import org.longlora4j.core.model.ModelConfig;
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
   * @throws IOException if the disk does not take it
   */
  public void write(
      Path directory, ModelConfig config, AdapterPlan plan, Map<String, NDArray> trained)
      throws IOException {
    if (plan.config().isPresent()) {
      Map<String, Object> peft = new LinkedHashMap<>(plan.config().get());
      peft.put("base_model_name_or_path", base.directory().map(Path::toString).orElse(""));
      PeftAdapter.write(directory, peft, trained, services.compiler());
      JsonFile.write(directory.resolve("config.json"), config.json());
    } else {
      new CheckpointExport(base, new WeightStorage.Dense(), services)
          .write(
              directory,
              config.json(),
              (name, scope) -> Optional.ofNullable(trained.get(name)),
              false);
    }
  }
}
