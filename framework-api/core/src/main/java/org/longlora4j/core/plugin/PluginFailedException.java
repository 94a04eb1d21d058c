package org.longlora4j.core.plugin;

import java.io.Serial;

/**
 * A plugin fails, through no mistake of the user: the message names it, its version and its jar.
 */
public final class PluginFailedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** A failure with a message for the user and what the plugin threw. */
  public PluginFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
