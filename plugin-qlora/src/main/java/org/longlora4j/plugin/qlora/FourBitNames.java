package org.longlora4j.plugin.qlora;

import org.longlora4j.api.adapter.ModelModule;

/**
 * The names of the tensors of a weight in four bits, as bitsandbytes saves them.
 *
 * @param weight of the packed codes, after which all others are named
 */
record FourBitNames(String weight) {
  static FourBitNames of(ModelModule module) {
    return new FourBitNames(module.name() + ".weight");
  }

  /** Scales: float32, or the codes of quantized ones. */
  String absmax() {
    return weight + ".absmax";
  }

  /** The levels by code. */
  String quantMap() {
    return weight + ".quant_map";
  }

  /** The scales of quantized scales. */
  String nestedAbsmax() {
    return weight + ".nested_absmax";
  }

  /** The levels of quantized scales by code. */
  String nestedQuantMap() {
    return weight + ".nested_quant_map";
  }

  /** The JSON of a {@link QuantState}. */
  String quantState(FourBitCodebook codebook) {
    return weight + ".quant_state.bitsandbytes__" + codebook.id();
  }
}
