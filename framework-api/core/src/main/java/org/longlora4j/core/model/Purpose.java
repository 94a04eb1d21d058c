package org.longlora4j.core.model;

/** What a layer is run for. */
public enum Purpose {
  /** Its result. */
  INFERENCE,
  /** Its result, with dropout. If it is recorded, its MLP runs again for gradients. */
  TRAINING,
  /** The same, but what is recorded has all that gradients need. */
  TRAINING_ONCE,
  /** Gradients alone, with dropout, of a layer that ran before: its result means nothing. */
  GRADIENTS;

  boolean training() {
    return this != INFERENCE;
  }
}
