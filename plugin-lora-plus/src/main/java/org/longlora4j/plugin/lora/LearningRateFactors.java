package org.longlora4j.plugin.lora;

import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.plugin.Option;

/**
 * By what {@code training.learning-rate} is multiplied for some parameters.
 *
 * <p>{@code lora-b} is the ratio of LoRA+ (arXiv:2402.12354, section 4), a method of the optimizer
 * that has nothing to do with LongLoRA's LoRA<sup>+</sup>.
 *
 * @param loraB for the matrices B
 * @param embeddings for embeddings that train whole
 * @param norms for norms that train whole
 * @param head for an output head that trains whole
 */
public record LearningRateFactors(
    @Option(
            value =
                "For the matrices B, the ratio of the LoRA+ paper, which recommends about 16 where"
                    + " A's rate is lowered in turn.",
            defaultValue = "1",
            min = 0)
        double loraB,
    @Option(value = "For the embeddings, if they train.", defaultValue = "1", min = 0)
        double embeddings,
    @Option(value = "For the norms, if they train.", defaultValue = "1", min = 0) double norms,
    @Option(value = "For the output head, if it trains.", defaultValue = "1", min = 0)
        double head) {
  /** The same rate for all. */
  static final LearningRateFactors NONE = new LearningRateFactors(1, 1, 1, 1);

  /** The factor of a module that trains whole. */
  double of(Kind kind) {
    return switch (kind) {
      case EMBEDDING -> embeddings;
      case NORM -> norms;
      case HEAD -> head;
      case PROJECTION -> 1;
    };
  }
}
