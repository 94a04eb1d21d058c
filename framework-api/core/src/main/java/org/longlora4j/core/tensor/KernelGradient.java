package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.tensor.Kernels;

/**
 * A kernel beside the one that computes its gradients.
 *
 * @param kernels has both
 * @param forward takes the inputs, then the constants
 * @param backward takes the same, then the gradient; gives those of the first inputs, in order
 * @param constants numbers, and tensors without a gradient that outlive the pass
 */
public record KernelGradient(
    Kernels kernels, String forward, String backward, List<Object> constants)
    implements KnownGradient {
  /** Keeps the constants. */
  public KernelGradient {
    constants = List.copyOf(constants);
  }

  @Override
  public NDArray forward(NDList inputs) {
    return kernels.call(inputs.head().getManager(), forward, arguments(inputs).toArray());
  }

  @Override
  public NDList backward(NDList inputs, NDArray gradient) {
    NDManager owner = gradient.getManager();
    List<Object> arguments = arguments(inputs);
    arguments.add(gradient);
    return kernels.callAll(owner, backward, arguments.toArray());
  }

  private List<Object> arguments(NDList inputs) {
    List<Object> arguments = new ArrayList<>(inputs);
    arguments.addAll(constants);
    return arguments;
  }
}
