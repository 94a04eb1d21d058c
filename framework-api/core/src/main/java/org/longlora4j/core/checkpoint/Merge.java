package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelModules;
import org.longlora4j.core.tensor.AtomicDirectory;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

/** Turns a base and its adapter into one checkpoint that any tool loads, tensor by tensor. */
public final class Merge {
  private static final String WEIGHT = ".weight";

  private final AdaptedCheckpoint source;
  private final TorchServices services;
  private final TensorReader reader;

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
    reader = new TensorReader(services.compiler());
  }

  /**
   * Writes the merged checkpoint in the base's number formats and files.
   *
   * @param output where it will appear, when it is whole
   * @throws InvalidInputException if there is something there already, or the adapter does not fit
   * @throws IOException if the disk does not take it
   */
  public Result write(Path output) throws IOException {
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
    if (Files.exists(output)) {
      throw new InvalidInputException(
          output + " exists already. Name another output, or remove it first.");
    }
    AtomicDirectory.requirePlace(output);
    Path partial = output.resolveSibling(output.getFileName() + ".partial");
    try (AtomicDirectory directory = new AtomicDirectory(output, partial)) {
      new CheckpointExport(source.base(), services.engine(), services.compiler())
          .write(
              directory.path(),
              config,
              (name, scope) -> {
                Optional<NDArray> merged = merged(name, plan, saved, scope);
                merged.ifPresent(m -> changed.add(name));
                return merged;
              },
              untied);
      saved.requireAllRead();
      directory.commit();
    }
    return new Result(output, changed.size(), untied);
  }

  private Optional<NDArray> merged(
      String tensor, AdapterPlan plan, Composition.SavedParameters saved, NDManager scope) {
    String module = tensor.substring(0, tensor.lastIndexOf('.'));
    if (plan.trained().contains(module)) {
      return Optional.of(
          saved.read(tensor, source.base().file(tensor).entries().get(tensor).shape(), scope));
    }
    ProjectionAdapter adapter = plan.projections().get(module);
    if (adapter == null || !tensor.endsWith(WEIGHT)) {
      return Optional.empty();
    }
    NDArray weight = reader.read(source.base().file(tensor), tensor, Precision.FLOAT32, scope);
    Map<String, NDArray> parameters = new HashMap<>();
    adapter
        .parameters()
        .forEach(
            (name, shape) -> parameters.put(name, saved.read(module + "." + name, shape, scope)));
    return Optional.of(adapter.merge(weight, parameters));
  }
}
