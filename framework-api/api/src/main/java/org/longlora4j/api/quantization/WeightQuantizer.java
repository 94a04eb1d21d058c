package org.longlora4j.api.quantization;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.osgi.annotation.versioning.ConsumerType;

/** How is a frozen weight stored, and how is it read back? */
@ConsumerType
@ExtensionPoint("weight quantizer")
public interface WeightQuantizer {
  /**
   * Whether the weight of a frozen module is quantized. One that is not is kept in the session's
   * precision.
   */
  boolean quantizes(ModelModule module);

  /**
   * Quantizes one weight.
   *
   * @param module whose weight it is
   * @param weight float32, in the shape of the module's weight; the caller closes it
   * @param owner who closes what is stored
   */
  QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner);

  /** How many bytes the weight of a module takes when stored, known before anything is loaded. */
  long storedBytes(ModelModule module);
}
