package org.longlora4j.plugin.lora;

/** Where the low-rank matrices of a new adapter begin. */
public enum Initialization {
  /** A random, B zero: a new adapter changes nothing (arXiv:2106.09685, section 4.1). */
  DEFAULT,
  /**
   * B A is the weight's best approximation of its rank, and the rest of the weight is what stays
   * frozen: the directions that matter most are trained first (arXiv:2404.02948, section 3).
   */
  PISSA,
  /**
   * B A is the best approximation of what quantization lost, so that the model begins nearer to the
   * unquantized one (arXiv:2310.08659, section 3.1, with one step: the base stays the quantized
   * one).
   */
  LOFTQ
}
