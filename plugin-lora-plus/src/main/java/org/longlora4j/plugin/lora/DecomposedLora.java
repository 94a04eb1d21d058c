package org.longlora4j.plugin.lora;

import com.google.inject.Inject;
import java.util.List;

/**
 * DoRA: each wrapped weight is split into the magnitudes of its rows, which train, and their
 * directions, which LoRA turns. That comes closer to what full training does to a weight, most of
 * all at low ranks, for one more number a row and about twice LoRA's time in the wrapped layers.
 *
 * @see <a href="https://arxiv.org/abs/2402.09353">Liu et al., DoRA: Weight-Decomposed Low-Rank
 *     Adaptation, section 4</a>
 */
public final class DecomposedLora extends LoraStrategy {
  @Inject
  DecomposedLora(LoraOptions options, LowRankKernels kernels) {
    super(options, Variant.DECOMPOSED, List.of(), kernels);
  }
}
