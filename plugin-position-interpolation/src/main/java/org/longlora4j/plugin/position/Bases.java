package org.longlora4j.plugin.position;

import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.RotaryEmbedding;

/** What the scalings that change the base of the frequencies have in common. */
final class Bases {
  private Bases() {}

  /** Reports a head of two rotated dimensions, whose one frequency is 1 under every base. */
  static void check(RotaryEmbedding embedding, Problems problems) {
    if (embedding.rotaryDim() < 4) {
      problems.report(
          "use",
          "changes the base of the frequencies, but %d rotated dimensions have one that no base"
                  .formatted(embedding.rotaryDim())
              + " changes: use linear");
    }
  }
}
