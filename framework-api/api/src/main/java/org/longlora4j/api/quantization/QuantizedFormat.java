package org.longlora4j.api.quantization;

import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.longlora4j.api.plugin.Problems;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Reads checkpoints of quantized weights: bound under the {@code quant_method} of the {@code
 * quantization_config} in config.json, in lower case, for example {@code bitsandbytes}. Whatever
 * opens a model finds its format here.
 *
 * <p>A format takes no options: what it reads is all in the checkpoint, and no recipe names it. One
 * that is bound with a record of options is refused with an {@link IllegalStateException} when a
 * checkpoint calls for it.
 */
@ConsumerType
@ExtensionPoint("quantized format")
public interface QuantizedFormat {
  /**
   * How the weights lie in the checkpoint that a quantization_config describes.
   *
   * @param config the contents of quantization_config
   * @param problems collects what is wrong, each setting that is not supported by its key
   * @return what finds and reads the weights, unless a problem was reported
   */
  StoredWeights read(Map<String, Object> config, Problems problems);

  /**
   * The quantizer that makes weights as large as a quantization_config describes them, so that
   * memory can be planned for a checkpoint whose tensors are not there.
   *
   * @param config the contents of quantization_config, in which {@link #read} found no problem
   * @return empty if that cannot be told
   */
  default Optional<WeightQuantizer> quantizer(Map<String, Object> config) {
    return Optional.empty();
  }
}
