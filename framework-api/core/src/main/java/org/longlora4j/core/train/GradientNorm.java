package org.longlora4j.core.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collection;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.Autograd;

/** The L2 norm of all gradients together. */
final class GradientNorm {
  private static final double TORCH_EPSILON = 1e-6; // of torch.nn.utils.clip_grad_norm_

  private final Kernels kernels;

  GradientNorm(KernelCompiler compiler) {
    kernels = compiler.compile(AdamW.class, "optimizer.py");
  }

  double of(Collection<NDArray> parameters) {
    double squares = 0;
    for (NDArray parameter : parameters) {
      try (NDArray gradient = Autograd.gradient(parameter);
          NDManager scope = gradient.getManager().newSubManager()) {
        squares += kernels.call(scope, "squared_norm", gradient).getFloat();
      }
    }
    return Math.sqrt(squares);
  }

  /** What gradients are multiplied by so that their norm is at most {@code maximum}. */
  static double clipScale(double norm, double maximum) {
    return maximum > 0 ? Math.min(1, maximum / (norm + TORCH_EPSILON)) : 1;
  }
}
