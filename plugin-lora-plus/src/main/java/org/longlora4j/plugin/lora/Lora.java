package org.longlora4j.plugin.lora;

import com.google.inject.Inject;
import java.util.List;

/**
 * Low-rank adaptation: every weight of the model stays frozen, and some projections are each given
 * a product of two small matrices that trains.
 *
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., LoRA: Low-Rank Adaptation of Large
 *     Language Models, section 4.1</a>
 */
public final class Lora extends LoraStrategy {
  @Inject
  Lora(LoraOptions options, LowRankKernels kernels) {
    super(options, Variant.PLAIN, List.of(), kernels);
  }
}
