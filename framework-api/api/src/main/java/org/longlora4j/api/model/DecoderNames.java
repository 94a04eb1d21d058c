package org.longlora4j.api.model;

import static java.util.Objects.requireNonNull;

/**
 * What a checkpoint calls the parts that every decoder has.
 *
 * @param embeddings the module of the token embeddings, for example {@code model.embed_tokens}
 * @param layers what the names of all layers begin with, for example {@code model.layers}
 * @param finalNorm the module of the norm behind the last layer
 * @param head the module of the output head, which a tied checkpoint does not have
 */
public record DecoderNames(String embeddings, String layers, String finalNorm, String head) {
  /** Requires all names. */
  public DecoderNames {
    requireNonNull(embeddings, "embeddings is null");
    requireNonNull(layers, "layers is null");
    requireNonNull(finalNorm, "finalNorm is null");
    requireNonNull(head, "head is null");
  }

  /**
   * What the names of a layer's modules begin with, for example {@code model.layers.0.}.
   *
   * @param index the layer, from 0
   */
  public String layer(int index) {
    return layers + "." + index + ".";
  }
}
