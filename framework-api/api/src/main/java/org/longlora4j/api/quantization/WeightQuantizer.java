package org.longlora4j.api.quantization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * How is a frozen weight stored, and how is it read back?
 *
 * <p>Asked only about frozen modules of the kind {@link ModelModule.Kind#PROJECTION}: embeddings,
 * norms and the output head keep the session's precision, and a module that trains whole is
 * float32.
 */
@ConsumerType
@ExtensionPoint("weight quantizer")
public interface WeightQuantizer {
  /**
   * Whether the weight of a frozen projection is quantized. One that is not is kept in the
   * session's precision.
   *
   * @param module a projection
   */
  boolean quantizes(ModelModule module);

  /**
   * Quantizes one weight.
   *
   * @param module whose weight it is, one that {@link #quantizes} accepts
   * @param weight float32, in the shape of the module's weight; the caller closes it
   * @param owner who closes what is stored
   */
  QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner);

  /**
   * How many bytes a weight takes when stored. Told from its shape alone, so that memory can be
   * planned before anything is loaded.
   *
   * @param module one that {@link #quantizes} accepts
   */
  long storedBytes(ModelModule module);

  /**
   * How many of the {@link #storedBytes} are scales and what else goes with them, as opposed to the
   * weight's own codes.
   *
   * @param module one that {@link #quantizes} accepts
   */
  default long scaleBytes(ModelModule module) {
    return 0;
  }

  /**
   * How a checkpoint keeps the weights that this quantizer makes; empty if none can, so that they
   * exist in memory only.
   */
  default Optional<QuantizedStorage> storage() {
    return Optional.empty();
  }
}
