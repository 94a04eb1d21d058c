package org.longlora4j.core.train;

/** Told what a training step turns to, for whoever takes its time. */
@FunctionalInterface
public interface StepWatch {
  /** Looks away. */
  StepWatch NONE = stage -> {};

  /** What a step is at, one after another and never two at once. */
  enum Stage {
    /** Rows are read and packed. */
    DATA,
    /** Tokens are looked up. */
    EMBEDDING,
    /** The first pass: query, key, value and output projections, and the norm before them. */
    PROJECTIONS,
    /** The first pass: rotary embedding and attention. */
    ATTENTION,
    /** The first pass: the MLP, and the norm before it. */
    MLP,
    /** The final norm, the head and the cross entropy, forward and backward. */
    LOSS,
    /** Layers run again, recorded. */
    RECOMPUTATION,
    /** Gradients go back through layers and embeddings. */
    BACKWARD,
    /** Gradients are measured and parameters updated. */
    OPTIMIZER,
    /** None of these: what Java does between them. */
    JVM
  }

  /**
   * The step turns to something else, until the next call.
   *
   * @param stage what it turns to
   */
  void enter(Stage stage);
}
