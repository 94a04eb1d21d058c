package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import org.longlora4j.api.tensor.CustomGradients;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/**
 * The tape that a thread records on, or looks with, if it does.
 *
 * <p>As PyTorch's own recording of gradients, this belongs to the thread: what is computed deep
 * inside a plugin finds its way onto the tape of whoever called it.
 */
public final class GradientTapes implements CustomGradients {
  private final Kernels kernels;

  @SuppressWarnings("ThreadLocalUsage") // one object an engine, and no state that outlives it
  private final ThreadLocal<GradientTape> recording = new ThreadLocal<>();

  GradientTapes(KernelCompiler compiler) {
    kernels = compiler.compile(GradientTapes.class, "tape.py");
  }

  /**
   * Opens a tape.
   *
   * @param parent owns what the tape keeps, until it is closed
   */
  public GradientTape open(NDManager parent) {
    return new GradientTape(kernels, parent.newSubManager(), recording);
  }

  /**
   * Computes a function, whichever way gradients are wanted at the moment: not at all, by its own
   * gradient onto the tape that is recording, or by autograd.
   *
   * @return a new tensor, attached to the first input's manager
   */
  public NDArray compute(KnownGradient function, NDArray... inputs) {
    NDList arguments = new NDList(inputs);
    GradientTape tape = recording.get();
    if (tape != null) {
      return tape.compute(function, arguments);
    }
    return Autograd.isRecording() ? function.recorded(arguments) : function.forward(arguments);
  }

  /**
   * Sees to it that a function of a tensor is recorded by a tape that is recording, for the sake of
   * what the function has beside its arguments.
   *
   * @return the tensor itself if a gradient reaches it anyway, or no tape is recording; otherwise
   *     another handle on it, attached to its manager
   */
  public NDArray reached(NDArray tensor) {
    GradientTape tape = recording.get();
    return tape == null || !Autograd.isRecording() ? tensor : tape.reached(tensor);
  }

  @Override
  public NDArray call(Kernels kernels, String forward, String backward, Object... arguments) {
    NDArray[] tensors =
        Arrays.stream(arguments)
            .takeWhile(NDArray.class::isInstance)
            .map(NDArray.class::cast)
            .toArray(NDArray[]::new);
    List<Object> numbers = List.of(arguments).subList(tensors.length, arguments.length);
    if (tensors.length == 0) {
      throw new IllegalArgumentException("the first argument of " + forward + " is no tensor");
    }
    if (numbers.stream().anyMatch(NDArray.class::isInstance)) {
      throw new IllegalArgumentException("a tensor follows a number in the call of " + forward);
    }
    return compute(new KernelGradient(kernels, forward, backward, numbers), tensors);
  }
}
