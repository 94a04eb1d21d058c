package org.longlora4j.core.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.WeightReader;
import org.longlora4j.core.tensor.TorchServices;

/** The weights of a model with its adapter in them, if it has one, read one at a time. */
public final class MergedWeights {
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  private final AdaptedCheckpoint source;
  private final AdapterPlan plan;
  private final Optional<NotedParameters> saved;
  private final WeightReader reader;
  private final Map<String, ModelModule> modules = new HashMap<>();

  /**
   * A weight or bias.
   *
   * @param name as checkpoints call it
   * @param kind of the module that it belongs to
   * @param shape its shape
   */
  public record Tensor(String name, ModelModule.Kind kind, Shape shape) {}

  /** Prepares to read from an open model. */
  public MergedWeights(AdaptedCheckpoint source, TorchServices services) {
    this.source = source;
    plan = source.plan();
    saved = source.saved();
    reader = new WeightReader(services.compiler());
    source.base().modules().forEach(module -> modules.put(module.name(), module));
  }

  /**
   * Whether the head of a tied base gets a tensor of its own, the base's embeddings, since the
   * adapter trained the embeddings alone.
   */
  public boolean untied() {
    return source.base().config().tied() && plan.trained().contains(names().embeddings());
  }

  private DecoderNames names() {
    return source.base().config().names();
  }

  /** The config.json of the merged model, but for how its weights are kept. */
  public ObjectNode config() {
    ObjectNode config =
        untied() ? source.config().jsonWithOwnHead() : source.config().json().deepCopy();
    if (saved.isPresent()) {
      source.noteMerged(config);
    }
    return config;
  }

  /** All weights and biases, in the order in which the modules act. */
  public List<Tensor> tensors() {
    List<Tensor> tensors = new ArrayList<>();
    for (ModelModule module : source.base().modules()) {
      tensors.add(new Tensor(module.name() + WEIGHT, module.kind(), module.weight()));
      if (module.bias()) {
        tensors.add(new Tensor(module.name() + BIAS, module.kind(), module.weight().slice(0, 1)));
      }
    }
    if (untied()) {
      Shape shape = modules.get(names().embeddings()).weight();
      tensors.add(new Tensor(names().head() + WEIGHT, ModelModule.Kind.HEAD, shape));
    }
    return tensors;
  }

  /**
   * Reads a tensor.
   *
   * @param tensor one of {@link #tensors}
   * @param scope for the result and what is needed on the way
   * @return float32
   */
  public NDArray read(Tensor tensor, NDManager scope) {
    return changed(tensor.name(), scope).orElseGet(() -> original(tensor.name(), scope));
  }

  private NDArray original(String tensor, NDManager scope) {
    String name = module(tensor);
    if (name.equals(names().head()) && source.base().config().tied()) {
      return original(names().embeddings() + WEIGHT, scope);
    }
    return tensor.endsWith(WEIGHT)
        ? reader.weight(source.base(), modules.get(name), Precision.FLOAT32, scope)
        : reader.tensor(source.base(), tensor, Precision.FLOAT32, scope);
  }

  /**
   * What the adapter makes of a tensor.
   *
   * @param tensor its name
   * @param scope for the result and what is needed on the way
   * @return float32; empty if the tensor stays as it is
   */
  Optional<NDArray> changed(String tensor, NDManager scope) {
    String name = module(tensor);
    ModelModule module = modules.get(name);
    if (plan.trained().contains(name)) {
      Shape weight = module.weight();
      Shape shape = tensor.endsWith(BIAS) ? weight.slice(0, 1) : weight;
      return Optional.of(saved().read(tensor, shape, scope));
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
                parameters.put(parameter, saved().read(name + "." + parameter, shape, scope)));
    return Optional.of(adapter.merge(weight, parameters));
  }

  private static String module(String tensor) {
    return tensor.substring(0, tensor.lastIndexOf('.'));
  }

  private NotedParameters saved() {
    return saved.orElseThrow(
        () -> new IllegalStateException("something is trained, but there is no adapter"));
  }

  /**
   * Refuses an adapter of which not everything was read, once all tensors were.
   *
   * @throws org.longlora4j.api.plugin.InvalidInputException with what was not
   */
  public void requireAllRead() {
    saved.ifPresent(NotedParameters::requireAllRead);
  }
}
