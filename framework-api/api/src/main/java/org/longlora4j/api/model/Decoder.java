package org.longlora4j.api.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.longlora4j.api.adapter.ModelModule;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * The decoder that one config.json describes: its modules, and what they compute.
 *
 * <p>Holds no tensor. The framework reads, quantizes, wraps and trains the modules' weights and
 * calls the decoder layer by layer; the decoder says in which order they act. An intermediate
 * tensor is closed by the decoder as soon as it was used.
 */
@ConsumerType
public interface Decoder {
  /** Its sizes. */
  DecoderShape shape();

  /** What the checkpoint calls its parts. */
  DecoderNames names();

  /** Which projections of a layer read what, by which memory is planned. */
  LayerProjections projections();

  /**
   * All modules in the order in which they act: the embeddings, those of each layer, the final
   * norm, and the head unless it is tied to the embeddings.
   */
  List<ModelModule> modules();

  /**
   * Computes one layer. No position may see a later one but by {@link DecoderOperations#attend},
   * which sees to it that none does. It ends with {@link DecoderOperations#mlp}.
   *
   * @param index the layer, from 0
   * @param hidden shape (batch, length, hiddenSize), not to be closed
   * @param operations what the layer is made of
   * @return the same shape, attached to {@code hidden}'s manager
   */
  NDArray layer(int index, NDArray hidden, DecoderOperations operations);

  /**
   * Computes the norm behind the last layer.
   *
   * @param hidden shape (…, hiddenSize), not to be closed
   * @param operations what the norm is made of
   * @return the same shape, attached to {@code hidden}'s manager
   */
  NDArray finalNorm(NDArray hidden, DecoderOperations operations);

  /**
   * Whether a tensor that belongs to no module is one that older versions of transformers saved
   * though it follows from config.json, such as a causal mask. It is not read and not written.
   *
   * @param tensor its name, as {@link #modules} would have it
   */
  default boolean isLeftover(String tensor) {
    return false;
  }
}
