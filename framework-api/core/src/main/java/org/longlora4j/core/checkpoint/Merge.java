package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelModules;
import org.longlora4j.core.model.WeightReader;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.TorchServices;

/** Turns a base and its adapter into one checkpoint that any tool loads, tensor by tensor. */
public final class Merge {
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  private final AdaptedCheckpoint source;
  private final TorchServices services;
  private final WeightReader reader;
  private final Map<String, ModelModule> modules = new HashMap<>();

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
    reader = new WeightReader(services.compiler());
    source.base().modules().forEach(module -> modules.put(module.name(), module));
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
    AdapterPlan plan = source.plan();
    boolean untied =
        source.base().config().tied() && plan.trained().contains(ModelModules.EMBEDDINGS);
    ObjectNode config = source.config().json().deepCopy();
    if (untied) {
      config.put("tie_word_embeddings", false);
    }
    source.noteMerged(config);
    NotedParameters saved = source.saved().orElseThrow();
    Set<String> changed = new HashSet<>();
    try (AtomicDirectory directory = AtomicDirectory.forNew(output)) {
      new CheckpointExport(source.base(), storage, services)
          .write(
              directory.path(),
              config,
              (name, scope) -> {
                Optional<NDArray> merged = merged(name, plan, saved, scope);
                merged.ifPresent(m -> changed.add(name));
                return merged;
              },
              untied);
      Optional<TokenizerFiles> tokenizer = source.adapterTokenizer();
      if (tokenizer.isPresent()) {
        tokenizer.get().write(directory.path());
      }
      saved.requireAllRead();
      directory.commit();
    }
    return new Result(output, changed.size(), untied);
  }

  private Optional<NDArray> merged(
      String tensor, AdapterPlan plan, Composition.SavedParameters saved, NDManager scope) {
    String name = tensor.substring(0, tensor.lastIndexOf('.'));
    ModelModule module = modules.get(name);
    if (plan.trained().contains(name)) {
      Shape weight = module.weight();
      return Optional.of(
          saved.read(tensor, tensor.endsWith(BIAS) ? weight.slice(0, 1) : weight, scope));
    }
    ProjectionAdapter adapter = plan.projections().get(name);
    if (adapter == null || !tensor.endsWith(WEIGHT)) {
      return Optional.empty();
    }
    NDArray weight = reader.weight(source.base(), module, Precision.FLOAT32, scope);
    Map<String, NDArray> parameters = new HashMap<>();
    adapter
        .parameters()
        .forEach(
            (parameter, shape) ->
                parameters.put(parameter, saved.read(name + "." + parameter, shape, scope)));
    return Optional.of(adapter.merge(weight, parameters));
  }
}
