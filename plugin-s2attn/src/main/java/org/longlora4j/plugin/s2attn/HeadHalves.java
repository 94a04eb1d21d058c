package org.longlora4j.plugin.s2attn;

import org.longlora4j.api.attention.AttentionShape;
import org.longlora4j.api.plugin.Problems;

/** The need of a pattern that treats two halves of the heads differently. */
final class HeadHalves {
  private HeadHalves() {}

  /** Reports a model whose heads have no halves. */
  static void check(AttentionShape shape, String key, String mend, Problems problems) {
    if (shape.heads() < 2) {
      problems.report(
          key, "the model has 1 attention head, must have at least 2 to split: " + mend);
    }
  }
}
