package org.longlora4j.plugin.lora;

import com.google.inject.Inject;
import java.util.List;

/**
 * LongLoRA's improved LoRA: low-rank adaptation of projections, with the embeddings and all norms
 * trained whole. The output head stays frozen. (What trains whole can be chosen: {@code train}.)
 *
 * <p>LoRA alone does not reach full fine-tuning when the context is extended, whatever its rank;
 * with embeddings and norms, a small share of the parameters, it nearly does. The paper calls this
 * LoRA<sup>+</sup>. It has nothing to do with the LoRA+ of arXiv:2402.12354, which gives the two
 * matrices different learning rates; that is the option {@code learning-rate-factors.lora-b}.
 *
 * @see <a href="https://arxiv.org/abs/2309.12307">Chen et al., LongLoRA: Efficient Fine-tuning of
 *     Long-Context Large Language Models, section 3.3</a>
 */
public final class ImprovedLora extends LoraStrategy {
  @Inject
  ImprovedLora(LoraOptions options, LowRankKernels kernels) {
    super(options, Variant.PLAIN, List.of(Trainable.EMBEDDINGS, Trainable.NORMS), kernels);
  }
}
