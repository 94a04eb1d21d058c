package org.longlora4j.launcher.osgi;

import java.io.Serial;

/** A jar cannot take part; the message becomes a {@link PluginProblem}. */
final class BundleRefusedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  BundleRefusedException(String message) {
    super(message);
  }

  BundleRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
