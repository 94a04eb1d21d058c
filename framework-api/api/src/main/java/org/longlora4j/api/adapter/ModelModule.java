package org.longlora4j.api.adapter;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.types.Shape;

/**
 * One module of a model that holds parameters.
 *
 * @param name the full name in the checkpoint, for example {@code model.layers.0.self_attn.q_proj}
 * @param kind what it is
 * @param weight the shape of its weight: (outFeatures, inFeatures) for a projection or the head,
 *     (vocabulary, hidden) for embeddings, (hidden) for a norm
 * @param bias whether it has a bias of {@code outFeatures} too
 */
public record ModelModule(String name, Kind kind, Shape weight, boolean bias) {
  /** Requires all parts. */
  public ModelModule {
    requireNonNull(name, "name is null");
    requireNonNull(kind, "kind is null");
    requireNonNull(weight, "weight is null");
  }

  /** The last part of the name, as PEFT's {@code target_modules} gives it. */
  public String shortName() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** What a module is. */
  public enum Kind {
    /** A linear layer inside a decoder layer. */
    PROJECTION,
    /** The token embeddings. */
    EMBEDDING,
    /** A normalization. */
    NORM,
    /** The output head, from hidden states to vocabulary. */
    HEAD
  }
}
