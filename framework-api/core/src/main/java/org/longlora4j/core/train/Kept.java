package org.longlora4j.core.train;

/**
 * What a layer keeps of the forward pass, beside its input, until the backward pass comes to it.
 */
public enum Kept {
  /** All that its gradients need: it does not run again. */
  ACTIVATIONS,
  /** What attention gave: the rest runs again. */
  ATTENTION,
  /** Nothing: all of it runs again. */
  INPUT;

  /** Whether layers run again in the backward pass. */
  public boolean recomputes() {
    return this != ACTIVATIONS;
  }
}
