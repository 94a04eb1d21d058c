package org.longlora4j.api.data;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** One pass over the documents of a source. */
@ConsumerType
public interface DocumentStream extends AutoCloseable {
  /**
   * The next document, or the next piece of one.
   *
   * @return empty when all documents of the pass were given
   * @throws org.longlora4j.api.plugin.InvalidInputException if what comes next cannot be read; the
   *     message names file and line
   */
  Optional<Document> next();

  /**
   * Passes over documents, as that many calls of {@link #next} would. A source that can do so
   * without reading them overrides this.
   *
   * @param count how many results of {@link #next} to pass over
   */
  default void skip(long count) {
    for (long i = 0; i < count; i++) {
      if (next().isEmpty()) {
        return;
      }
    }
  }

  @Override
  void close();
}
