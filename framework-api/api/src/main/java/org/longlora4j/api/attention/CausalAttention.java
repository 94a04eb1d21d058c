package org.longlora4j.api.attention;

import ai.djl.ndarray.NDArray;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Dense causal attention by PyTorch's fused kernel, memory linear in length. Ask for it in the
 * constructor of a pattern that falls back to it or is built from it.
 */
@ProviderType
public interface CausalAttention {
  /**
   * Every query attends to itself and all positions before it.
   *
   * @param query shape (batch, heads, length, headDim)
   * @param key shape (batch, keyValueHeads, length, headDim)
   * @param value shape (batch, keyValueHeads, length, headDim)
   * @return shape (batch, heads, length, headDim), attached to {@code query}'s manager
   */
  NDArray attend(NDArray query, NDArray key, NDArray value);
}
