package org.longlora4j.api.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Wraps one frozen projection with parameters of its own.
 *
 * <p>The framework owns the parameters (float32): it creates, updates, saves and loads them, and
 * hands them to every call by name. The adapter itself holds no tensor.
 */
@ConsumerType
public interface ProjectionAdapter {
  /**
   * The shapes of the parameters by name, in the order in which they are saved. A name is what
   * follows the module's in an adapter file, for example {@code lora_A.weight}.
   */
  Map<String, Shape> parameters();

  /**
   * Whether a new adapter begins with what quantization lost, and so has nothing to begin with over
   * a weight that is not quantized: a recipe that asks for that is refused.
   */
  default boolean beginsWithQuantizationError() {
    return false;
  }

  /**
   * Draws the parameters of a new adapter.
   *
   * @param frozen the projection to be wrapped
   * @param random the source of randomness, seeded by the recipe's seed and the module's name
   * @param owner who closes the result
   * @return float32 tensors for exactly the names of {@link #parameters()}, in their shapes; the
   *     framework refuses others with an {@link IllegalStateException}
   */
  Map<String, NDArray> initialize(FrozenProjection frozen, RandomGenerator random, NDManager owner);

  /**
   * Projects each position by itself: an MLP's come in pieces, cut anywhere.
   *
   * <p>What it draws from PyTorch's generator is drawn again when a layer, or its MLP, runs again
   * in the backward pass: the generator is seeded before every run.
   *
   * @param input shape (batch, length, inFeatures), in the session's precision; of an MLP (1,
   *     positions, inFeatures) where positions of all rows follow one another
   * @param frozen the projection that is wrapped
   * @param parameters the adapter's parameters by name, float32
   * @param training whether dropout applies
   * @return shape (batch, length, outFeatures), in the session's precision, attached to {@code
   *     input}'s manager
   */
  NDArray apply(
      NDArray input, FrozenProjection frozen, Map<String, NDArray> parameters, boolean training);

  /**
   * How many elements, in the session's precision, one training call of {@link #apply} leaves to
   * the backward pass beyond its input and what the frozen projection gives. Told from the number
   * of tokens alone, so that memory can be planned before anything is loaded.
   *
   * @param tokens batch · length of the input
   */
  default long keptElements(long tokens) {
    return 0;
  }

  /**
   * The weight that does alone what frozen weight and adapter do together.
   *
   * @param weight the frozen weight, float32, shape (outFeatures, inFeatures)
   * @param parameters the adapter's parameters by name, float32
   * @return the merged weight, float32, attached to {@code weight}'s manager
   */
  NDArray merge(NDArray weight, Map<String, NDArray> parameters);
}
