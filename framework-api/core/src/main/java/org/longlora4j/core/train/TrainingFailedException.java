package org.longlora4j.core.train;

import java.io.Serial;

/**
 * Training cannot go on, through no mistake in the recipe's text: the message says at which step.
 */
public final class TrainingFailedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** A failure with a message for the user. */
  public TrainingFailedException(String message) {
    super(message);
  }
}
