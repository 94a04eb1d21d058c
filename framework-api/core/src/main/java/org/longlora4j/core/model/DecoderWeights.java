package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.adapter.ModelModule.Kind;

/**
 * The modules between embeddings and head that hold weights, by the names that their model's family
 * gives them.
 *
 * <p>Holds no tensor of its own: the model does.
 *
 * @param projections the linear layers
 * @param norms the normalizations, float32
 */
record DecoderWeights(Map<String, Linear> projections, Map<String, Norm> norms) {
  DecoderWeights {
    projections = Map.copyOf(projections);
    norms = Map.copyOf(norms);
  }

  /**
   * A normalization.
   *
   * @param weight shape (hidden)
   * @param bias the same, if it has one
   */
  record Norm(NDArray weight, Optional<NDArray> bias) {}

  Linear projection(String name) {
    return require(projections, name, Kind.PROJECTION);
  }

  Norm norm(String name) {
    return require(norms, name, Kind.NORM);
  }

  private static <T> T require(Map<String, T> modules, String name, Kind kind) {
    T module = modules.get(name);
    if (module == null) {
      throw new IllegalArgumentException(
          "the decoder asks for %s, which is not among its modules of the kind %s"
              .formatted(name, kind));
    }
    return module;
  }
}
