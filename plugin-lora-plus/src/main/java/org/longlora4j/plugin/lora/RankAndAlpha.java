package org.longlora4j.plugin.lora;

/**
 * How large the low-rank products are, and how they are scaled.
 *
 * @param rank the inner dimension
 * @param alpha what the factor is made of
 * @param rankPattern other ranks, for some modules
 * @param alphaPattern other alphas, for some modules
 * @param stabilized whether the factor is {@code alpha / sqrt(rank)}, which keeps what a high rank
 *     learns from being scaled away (rsLoRA, arXiv:2312.03732, section 4), and not {@code alpha /
 *     rank} (arXiv:2106.09685, section 4.1)
 */
record RankAndAlpha(
    int rank,
    double alpha,
    NamePatterns rankPattern,
    NamePatterns alphaPattern,
    boolean stabilized) {

  /** The inner dimension of a module's product. */
  int rank(String module) {
    return (int) rankPattern.of(module).orElse(rank);
  }

  /** The factor of a module's product. */
  double scaling(String module) {
    double ofModule = alphaPattern.of(module).orElse(alpha);
    int width = rank(module);
    return ofModule / (stabilized ? Math.sqrt(width) : width);
  }

  /** Twice the rank everywhere, and the same factors. */
  RankAndAlpha doubled() {
    double growth = stabilized ? Math.sqrt(2) : 2;
    return new RankAndAlpha(
        2 * rank, growth * alpha, rankPattern.times(2), alphaPattern.times(growth), stabilized);
  }
}
