package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * Gradients, recorded on the calling thread.
 *
 * <p>PyTorch's autograd by way of DJL's native calls: DJL's own gradient collector knows neither
 * vector-Jacobian products nor nesting.
 */
public final class Autograd {
  private Autograd() {}

  /** Runs something while operations on tensors that require a gradient are recorded. */
  public static <T> T recording(Supplier<T> work) {
    return withMode(true, work);
  }

  /** Whether operations are recorded on this thread at the moment. */
  public static boolean isRecording() {
    return JniUtils.isGradMode();
  }

  /** Runs something while nothing is recorded. */
  public static <T> T silent(Supplier<T> work) {
    return withMode(false, work);
  }

  private static <T> T withMode(boolean recorded, Supplier<T> work) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(recorded);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /**
   * Adds to every leaf behind {@code output} the product of {@code gradient} with the Jacobian, and
   * frees what was recorded.
   *
   * @param output recorded
   * @param gradient of {@code output}'s shape and number format
   */
  public static void backward(NDArray output, NDArray gradient) {
    JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, false, false);
  }

  /** The same, but what was recorded stays, for further calls on other outputs behind it. */
  static void backwardKeeping(NDArray output, NDArray gradient) {
    JniUtils.backward((PtNDArray) output, (PtNDArray) gradient, true, false);
  }

  /**
   * The gradient that has been added up in a leaf: a handle that the leaf's manager owns, and that
   * the caller should close sooner.
   */
  public static NDArray gradient(NDArray leaf) {
    return leaf.getGradient();
  }

  /** Sets a leaf's gradient back to zero. */
  public static void clear(NDArray leaf) {
    JniUtils.zeroGrad((PtNDArray) leaf);
  }
}
