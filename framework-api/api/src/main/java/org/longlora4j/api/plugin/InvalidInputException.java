package org.longlora4j.api.plugin;

import java.io.Serial;

/**
 * A user's input is wrong.
 *
 * <p>The message stands alone, without a stack trace: it names the file, the key or line, what was
 * found, what was expected, and the mend. The command line prints it and exits with code 2.
 */
public final class InvalidInputException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** An error with a message for the user. */
  public InvalidInputException(String message) {
    super(message);
  }

  /** An error with a message for the user and the failure that revealed it. */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
