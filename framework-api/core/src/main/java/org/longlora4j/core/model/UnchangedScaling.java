package org.longlora4j.core.model;

import org.longlora4j.api.position.PositionalScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/** The rotary embedding stays as the checkpoint has it: the built-in {@code none}. */
public final class UnchangedScaling implements PositionalScaling {
  @Override
  public RotaryScaling scale(RotaryEmbedding embedding, int targetLength) {
    return embedding.scaling();
  }
}
