package org.longlora4j.plugin.qlora;

import org.longlora4j.api.adapter.ModelModule;

/**
 * The names of the tensors of a weight in eight bits, as bitsandbytes saves them.
 *
 * @param weight of the codes
 * @param scales the rows' largest magnitudes
 * @param format how the codes are laid out: 0, row by row
 */
record Int8Names(String weight, String scales, String format) {
  static Int8Names of(ModelModule module) {
    return new Int8Names(
        module.name() + ".weight", module.name() + ".SCB", module.name() + ".weight_format");
  }
}
