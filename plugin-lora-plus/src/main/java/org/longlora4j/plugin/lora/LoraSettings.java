package org.longlora4j.plugin.lora;

/**
 * How a model is adapted, whether a recipe or a saved adapter says so.
 *
 * @param rank the inner dimension of the low-rank product
 * @param alpha scales the product by {@code alpha / rank}
 * @param dropout how likely an element of the product's input is zeroed in training
 * @param targets the projections that are wrapped
 * @param trained the modules that train whole
 */
record LoraSettings(
    int rank, double alpha, double dropout, ModuleSelection targets, ModuleSelection trained) {

  /** The factor of the low-rank product (arXiv:2106.09685, section 4.1). */
  double scaling() {
    return alpha / rank;
  }

  LoraSettings withDropout(double other) {
    return new LoraSettings(rank, alpha, other, targets, trained);
  }
}
