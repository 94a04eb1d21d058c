package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longlora4j.core.tensor.Autograd;

/**
 * The parameters that train, float32, by module and name: {@code
 * model.layers.0.self_attn.q_proj.lora_A.weight}. Their order is that of the model.
 */
public final class TrainedParameters {
  private final Map<String, NDArray> byName = new LinkedHashMap<>();

  TrainedParameters() {}

  void add(String name, NDArray parameter) {
    if (byName.putIfAbsent(name, parameter) != null) {
      throw new IllegalStateException(name + " is there twice");
    }
  }

  /** All parameters in the order of the model. */
  public Map<String, NDArray> all() {
    return Collections.unmodifiableMap(byName);
  }

  /** Takes the gradients that have been added up in them, by name, and clears them. */
  public Map<String, float[]> takeGradients() {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    byName.forEach(
        (name, parameter) -> {
          try (NDArray gradient = Autograd.gradient(parameter)) {
            gradients.put(name, gradient.toFloatArray());
          }
          Autograd.clear(parameter);
        });
    return gradients;
  }

  /** How many numbers train. */
  public long size() {
    return byName.values().stream().mapToLong(NDArray::size).sum();
  }

  /** Whether any parameter of a module whose name starts so trains. */
  public boolean anyWithin(String prefix) {
    return byName.keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }
}
