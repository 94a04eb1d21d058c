package org.longlora4j.plugin.lora;

import java.util.List;

/**
 * How a model is adapted, whether a recipe or a saved adapter says so.
 *
 * @param size how large the low-rank products are, and how they are scaled
 * @param decomposed whether each wrapped weight is split into magnitude and direction (DoRA)
 * @param dropout how likely an element of a product's input is zeroed in training
 * @param targets the projections that are wrapped
 * @param layers the layers to which {@code targets} are confined; all if there is none
 * @param trained the modules that train whole
 */
record LoraSettings(
    RankAndAlpha size,
    boolean decomposed,
    double dropout,
    ModuleSelection targets,
    List<Integer> layers,
    ModuleSelection trained) {
  LoraSettings {
    layers = List.copyOf(layers);
  }

  LoraSettings withDropout(double other) {
    return new LoraSettings(size, decomposed, other, targets, layers, trained);
  }

  /** Twice the rank everywhere, and the same factors. */
  LoraSettings doubled() {
    return new LoraSettings(size.doubled(), decomposed, dropout, targets, layers, trained);
  }
}
