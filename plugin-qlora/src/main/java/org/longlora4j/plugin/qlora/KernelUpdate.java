package org.longlora4j.plugin.qlora;

import static org.longlora4j.plugin.qlora.BlockwiseAdamW.ABSMAX;
import static org.longlora4j.plugin.qlora.BlockwiseAdamW.EXP_AVG;
import static org.longlora4j.plugin.qlora.BlockwiseAdamW.EXP_AVG_SQ;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Map;
import org.longlora4j.api.tensor.Kernels;

/**
 * Steps of AdamW on any device, in PyTorch operations.
 *
 * @param kernels compiled from {@code adamw8.py}
 */
record KernelUpdate(Kernels kernels) {
  void update(NDArray parameter, NDArray gradient, Map<String, NDArray> state, AdamWStep step) {
    try (NDManager scope = gradient.getManager().newSubManager()) {
      if (!state.containsKey(EXP_AVG + ABSMAX)) {
        apply(scope, parameter, gradient, state.get(EXP_AVG), state.get(EXP_AVG_SQ), step);
        return;
      }
      NDArray first = decode(scope, state, EXP_AVG, MomentCodes.SIGNED);
      NDArray second = decode(scope, state, EXP_AVG_SQ, MomentCodes.UNSIGNED);
      NDArray flat = parameter.reshape(parameter.size());
      flat.attach(scope);
      NDArray flatGradient = gradient.reshape(gradient.size());
      flatGradient.attach(scope);
      apply(scope, flat, flatGradient, first, second, step);
      encode(scope, first, state, EXP_AVG, MomentCodes.SIGNED);
      encode(scope, second, state, EXP_AVG_SQ, MomentCodes.UNSIGNED);
    }
  }

  private void apply(
      NDManager scope,
      NDArray parameter,
      NDArray gradient,
      NDArray first,
      NDArray second,
      AdamWStep step) {
    kernels.call(
        scope,
        "adamw",
        parameter,
        gradient,
        first,
        second,
        step.gradientScale(),
        step.decay(),
        step.beta1(),
        step.beta2(),
        step.stepSize(),
        step.correction(),
        step.eps());
  }

  private NDArray decode(
      NDManager scope, Map<String, NDArray> state, String moment, MomentCodes format) {
    NDArray levels = scope.create(format.levels());
    return kernels.call(scope, "decode", state.get(moment), state.get(moment + ABSMAX), levels);
  }

  private void encode(
      NDManager scope,
      NDArray values,
      Map<String, NDArray> state,
      String moment,
      MomentCodes format) {
    NDArray midpoints = scope.create(format.midpoints());
    kernels.call(scope, "encode", values, midpoints, state.get(moment), state.get(moment + ABSMAX));
  }
}
