package org.longlora4j.api.attention;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Dense causal attention, whole or within segments, memory linear in length. Ask for it in the
 * constructor of a pattern that falls back to it or is built from it.
 *
 * <p>Gradients flow to all three inputs. Scores are scaled by {@code 1 / sqrt(headDim)}; under
 * bfloat16 they are rounded to it, as plain products of matrices are, and softmax runs in float32.
 */
@ProviderType
public interface CausalAttention {
  /**
   * Every query attends to itself and to the positions before it in its segment.
   *
   * @param query shape (batch, heads, length, headDim)
   * @param key shape (batch, keyValueHeads, length, headDim)
   * @param value shape (batch, keyValueHeads, length, headDim)
   * @param segments where the segments of the query heads lie, from the first head on
   * @return shape (batch, heads, length, headDim), attached to {@code query}'s manager
   * @throws IllegalArgumentException if the segments are not those of all query heads
   */
  NDArray attendWithin(NDArray query, NDArray key, NDArray value, List<HeadSegments> segments);

  /**
   * Every query attends to itself and all positions before it.
   *
   * @param query shape (batch, heads, length, headDim)
   * @param key shape (batch, keyValueHeads, length, headDim)
   * @param value shape (batch, keyValueHeads, length, headDim)
   * @return shape (batch, heads, length, headDim), attached to {@code query}'s manager
   */
  default NDArray attend(NDArray query, NDArray key, NDArray value) {
    int heads = (int) query.getShape().get(1);
    int length = (int) query.getShape().get(2);
    return attendWithin(query, key, value, List.of(new HeadSegments(heads, 0, length)));
  }
}
