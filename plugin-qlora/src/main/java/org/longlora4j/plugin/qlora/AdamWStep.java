package org.longlora4j.plugin.qlora;

import org.longlora4j.api.train.Optimizer;

/**
 * The numbers of one step of AdamW.
 *
 * @param gradientScale multiplies the gradient
 * @param decay multiplies the parameter
 * @param beta1 the first moment's decay rate
 * @param beta2 the second moment's decay rate
 * @param stepSize the learning rate, corrected for the first moment's bias
 * @param correction what the root of the second moment is divided by, for its bias
 * @param eps keeps the division finite
 */
record AdamWStep(
    float gradientScale,
    float decay,
    float beta1,
    float beta2,
    float stepSize,
    float correction,
    float eps) {

  static AdamWStep of(BlockwiseAdamW.Options options, Optimizer.Update update) {
    double beta1 = options.betas().get(0);
    double beta2 = options.betas().get(1);
    double rate = update.learningRate();
    return new AdamWStep(
        (float) update.gradientScale(),
        (float) (1 - rate * options.weightDecay()),
        (float) beta1,
        (float) beta2,
        (float) (rate / (1 - Math.pow(beta1, update.step()))),
        (float) Math.sqrt(1 - Math.pow(beta2, update.step())),
        (float) options.eps());
  }

  /** Updates a block of parameters and its moments in place. */
  void apply(float[] parameters, float[] gradients, float[] first, float[] second, int count) {
    for (int i = 0; i < count; i++) {
      float gradient = gradients[i] * gradientScale;
      first[i] += (1 - beta1) * (gradient - first[i]);
      second[i] = second[i] * beta2 + (1 - beta2) * gradient * gradient;
      float denominator = (float) Math.sqrt(second[i]) / correction + eps;
      parameters[i] = parameters[i] * decay - stepSize * (first[i] / denominator);
    }
  }
}
