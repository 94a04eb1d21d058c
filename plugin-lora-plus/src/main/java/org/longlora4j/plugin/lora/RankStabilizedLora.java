package org.longlora4j.plugin.lora;

import com.google.inject.Inject;
import java.util.List;

/**
 * rsLoRA: the product is scaled by {@code alpha / sqrt(rank)} and not {@code alpha / rank}, under
 * which the gradients of a high rank vanish and it learns no more than a low one.
 *
 * @see <a href="https://arxiv.org/abs/2312.03732">Kalajdzievski, A Rank Stabilization Scaling
 *     Factor for Fine-Tuning with LoRA, section 4</a>
 */
public final class RankStabilizedLora extends LoraStrategy {
  @Inject
  RankStabilizedLora(LoraOptions options, LowRankKernels kernels) {
    super(options, Variant.RANK_STABILIZED, List.of(), kernels);
  }
}
