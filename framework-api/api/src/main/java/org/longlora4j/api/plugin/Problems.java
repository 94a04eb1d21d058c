package org.longlora4j.api.plugin;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Collects what is wrong with a user's input, so that all of it is shown at once.
 *
 * <p>Passed to a check that runs before anything is loaded. A check reports and goes on; it throws
 * nothing for a user's mistake.
 */
@ProviderType
public interface Problems {
  /**
   * Reports one problem.
   *
   * @param key the option at fault, relative to the extension's section, for example {@code
   *     group-ratio}; empty for the section as a whole
   * @param message what was found, what was expected, and the mend, as one sentence
   */
  void report(String key, String message);
}
