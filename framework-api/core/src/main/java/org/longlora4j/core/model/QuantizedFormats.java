package org.longlora4j.core.model;

import java.util.Optional;
import org.longlora4j.api.quantization.QuantizedFormat;

/** The formats of quantized checkpoints that can be read. */
@FunctionalInterface
public interface QuantizedFormats {
  /** None: a checkpoint of quantized weights is refused. */
  QuantizedFormats NONE = method -> Optional.empty();

  /**
   * Finds a format.
   *
   * @param method the {@code quant_method} of config.json's {@code quantization_config}, in lower
   *     case
   */
  Optional<QuantizedFormat> find(String method);
}
