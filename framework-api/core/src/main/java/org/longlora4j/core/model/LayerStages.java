package org.longlora4j.core.model;

/** Told where the passes of a layer stand, for whoever takes their time. */
public interface LayerStages {
  /** A layer turns to its MLP. */
  default void turnToMlp() {}

  /** The backward pass runs an MLP again. */
  default void turnToRecomputation() {}

  /** That is done, and gradients go back through it. */
  default void turnToGradients() {}
}
