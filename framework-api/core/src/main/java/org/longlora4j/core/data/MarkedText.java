package org.longlora4j.core.data;

import java.util.List;

/**
 * A text of which some parts are learned.
 *
 * @param text the whole
 * @param learned the parts, in order
 */
record MarkedText(String text, List<Part> learned) {
  /** Copies the parts. */
  MarkedText {
    learned = List.copyOf(learned);
  }

  /**
   * A part, in UTF-16 units.
   *
   * @param begin its first
   * @param end the one after its last
   */
  record Part(int begin, int end) {}
}
