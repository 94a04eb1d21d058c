package org.longlora4j.plugin.lora;

import org.longlora4j.api.adapter.ModelModule.Kind;

/** What may train whole beside the low-rank matrices. */
public enum Trainable {
  /** The token embeddings. */
  EMBEDDINGS(Kind.EMBEDDING),
  /** All norms. */
  NORMS(Kind.NORM),
  /** The output head. */
  HEAD(Kind.HEAD);

  private final Kind kind;

  Trainable(Kind kind) {
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
