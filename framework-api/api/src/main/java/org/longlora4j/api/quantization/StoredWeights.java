package org.longlora4j.api.quantization;

import ai.djl.ndarray.NDManager;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.TensorSource;
import org.osgi.annotation.versioning.ConsumerType;

/** The quantized weights of a checkpoint. */
@ConsumerType
public interface StoredWeights {
  /**
   * The name of the {@link WeightQuantizer} that stores weights so. A recipe that trains on top of
   * the checkpoint may say it, or say {@code none}.
   */
  String quantizer();

  /**
   * The tensors that the weight of a module consists of.
   *
   * @param module a projection or the output head
   * @param checkpoint its tensors
   * @param problems collects what is wrong, with the name of a tensor as the key: one that is
   *     missing, or has another shape than the module calls for
   * @return their names; empty if the weight is not quantized
   */
  Set<String> tensors(ModelModule module, TensorSource checkpoint, Problems problems);

  /**
   * Reads the weight of a module.
   *
   * @param module one of which {@link #tensors} named the tensors without a problem
   * @param checkpoint its tensors
   * @param owner who closes what is read
   */
  QuantizedWeight read(ModelModule module, TensorSource checkpoint, NDManager owner);
}
