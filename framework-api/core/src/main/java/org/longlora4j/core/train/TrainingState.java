package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.tensor.Autograd;

/** All tensors that a step changes: trained parameters and, for each, the optimizer's state. */
final class TrainingState implements AutoCloseable {
  private final NDManager manager;
  private final Map<String, NDArray> parameters;
  private final Map<String, Map<String, NDArray>> optimizerState = new LinkedHashMap<>();

  TrainingState(CausalLanguageModel model, Optimizer optimizer) {
    manager = model.manager().newSubManager();
    parameters = model.trained().all();
    parameters.forEach(
        (name, parameter) ->
            optimizerState.put(name, optimizer.initialState(parameter.getShape(), manager)));
  }

  Map<String, NDArray> parameters() {
    return parameters;
  }

  /** Every tensor under the name that it has in a checkpoint file. */
  Map<String, NDArray> all() {
    Map<String, NDArray> all = new LinkedHashMap<>();
    parameters.forEach((name, parameter) -> all.put("parameter/" + name, parameter));
    optimizerState.forEach(
        (name, state) ->
            state.forEach((kind, tensor) -> all.put("optimizer/" + kind + "/" + name, tensor)));
    return all;
  }

  /** Bytes of the trained parameters, which are float32; their gradients take as many. */
  long parameterBytes() {
    return parameters.values().stream().mapToLong(NDArray::size).sum() * Float.BYTES;
  }

  /** Bytes of the optimizer's state. */
  long optimizerBytes() {
    return optimizerState.values().stream()
        .flatMap(state -> state.values().stream())
        .mapToLong(tensor -> tensor.size() * tensor.getDataType().getNumOfBytes())
        .sum();
  }

  /**
   * Takes one optimizer step from the gradients that have been added up, and clears them.
   *
   * @param update the step's settings, with the learning rate of the schedule
   * @param factors by what that rate is multiplied, for the parameters named
   */
  void update(Optimizer optimizer, Optimizer.Update update, Map<String, Double> factors) {
    Autograd.silent(
        () -> {
          parameters.forEach(
              (name, parameter) -> {
                try (NDArray gradient = Autograd.gradient(parameter)) {
                  optimizer.step(
                      parameter,
                      gradient,
                      optimizerState.get(name),
                      scaled(update, factors.getOrDefault(name, 1.0)));
                }
                Autograd.clear(parameter);
              });
          return null;
        });
  }

  private static Optimizer.Update scaled(Optimizer.Update update, double factor) {
    return new Optimizer.Update(
        update.step(), update.learningRate() * factor, update.gradientScale());
  }

  @Override
  public void close() {
    manager.close();
  }
}
