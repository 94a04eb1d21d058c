package org.longlora4j.api.position;

import org.longlora4j.api.plugin.ExtensionPoint;
import org.longlora4j.api.plugin.Problems;
import org.osgi.annotation.versioning.ConsumerType;

/** How do rotary frequencies change for the new length? */
@ConsumerType
@ExtensionPoint("positional scaling")
public interface PositionalScaling {
  /**
   * The scaling of the extended model.
   *
   * @param embedding the checkpoint's rotary embedding; a checkpoint that was extended before is
   *     extended anew from its original length
   * @param targetLength the recipe's context length in tokens
   */
  RotaryScaling scale(RotaryEmbedding embedding, int targetLength);

  /**
   * Reports why this scaling would not accept such a model and length, if it would not.
   *
   * @param embedding as for {@link #scale}
   * @param targetLength as for {@link #scale}
   * @param problems collects what is wrong
   */
  default void check(RotaryEmbedding embedding, int targetLength, Problems problems) {}
}
