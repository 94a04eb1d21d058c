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
 * @param backward takes the same, then the gradient; gives those of the first inputs, in order and
 *     in their shapes
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
    NDList gradients = kernels.callAll(owner, backward, arguments.toArray());
    requireShapes(gradients, inputs);
    return gradients;
  }

  private void requireShapes(NDList gradients, NDList inputs) {
    for (int i = 0; i < gradients.size(); i++) {
      if (i == inputs.size()) {
        throw new IllegalStateException(
            "%s gives %d gradients, must give %d at the most"
                .formatted(backward, gradients.size(), inputs.size()));
      }
      if (!gradients.get(i).getShape().equals(inputs.get(i).getShape())) {
        throw new IllegalStateException(
            "%s gives a gradient of shape %s for tensor %d, counted from 0, whose shape is %s"
                .formatted(backward, gradients.get(i).getShape(), i, inputs.get(i).getShape()));
      }
    }
  }

  private List<Object> arguments(NDList inputs) {
    List<Object> arguments = new ArrayList<>(inputs);
    arguments.addAll(constants);
    return arguments;
  }
}
