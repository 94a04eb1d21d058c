package org.longlora4j.plugin.datasets;

import java.util.Optional;
import org.longlora4j.api.data.LeftOut;

/** Gives whole texts, one after another. */
interface TextReader extends AutoCloseable {
  /** The next text, never an empty one; none when all were given. */
  Optional<String> next();

  /**
   * Passes over the next text if it can tell, without making it, that it is there and has one piece
   * only.
   */
  default boolean passOverOnePiece() {
    return false;
  }

  /** What was left out so far. */
  LeftOut leftOut();

  @Override
  void close();
}
