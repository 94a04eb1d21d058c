package org.longlora4j.api.data;

import org.longlora4j.api.plugin.ExtensionPoint;
import org.osgi.annotation.versioning.ConsumerType;

/** Where do documents come from? */
@ConsumerType
@ExtensionPoint("document source")
public interface DocumentSource {
  /**
   * Opens one pass over the documents.
   *
   * <p>The same epoch and seed give the same documents in the same order, so that a run can be
   * resumed. Nothing but the current document is held in memory.
   *
   * @param epoch how often the documents were gone through before, from 0
   * @param seed the recipe's seed, which decides the order of a shuffled source
   * @return the stream, which the caller closes
   * @throws org.longlora4j.api.plugin.InvalidInputException if the source is missing or empty
   */
  DocumentStream open(int epoch, long seed);
}
