package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/**
 * The tape that a thread records on, or looks with, if it does.
 *
 * <p>As PyTorch's own recording of gradients, this belongs to the thread: what is computed deep
 * inside a plugin finds its way onto the tape of whoever called it.
 */
public final class GradientTapes {
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
}
