package org.longlora4j.api.adapter;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** A frozen linear layer, whatever its weight is stored as. */
@ProviderType
public interface FrozenProjection {
  /**
   * The frozen layer's own output, bias included.
   *
   * @param input shape (…, inFeatures), in the session's precision
   * @return shape (…, outFeatures), attached to {@code input}'s manager: a new tensor, whose memory
   *     the caller may overwrite
   */
  NDArray apply(NDArray input);

  /**
   * The weight in the session's precision, shape (outFeatures, inFeatures). Dequantized if need be:
   * valid until the layer's pass ends, and not to be closed.
   */
  NDArray weight();

  /**
   * The weight as the checkpoint has it, float32, if it is stored quantized: {@link #weight} is
   * what came back from that. Given while an adapter is initialized, and empty at any other time.
   *
   * @param owner who closes the result
   */
  default Optional<NDArray> original(NDManager owner) {
    return Optional.empty();
  }

  /** The bias, shape (outFeatures), if there is one; not to be closed. */
  Optional<NDArray> bias();
}
