package org.longlora4j.api.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The entry points of one compiled kernel file.
 *
 * <p>An argument is an {@link NDArray} or a {@link Number}. A number reaches the kernel as a tensor
 * of one element on the CPU: declare it {@code Tensor} and read it with {@code int(n)} or {@code
 * float(n)}. A call costs some 30 microseconds: call few and big.
 */
@ProviderType
public interface Kernels {
  /**
   * Calls an entry point that returns one tensor.
   *
   * @param owner who closes the result
   * @param method the entry point's name
   * @param arguments tensors and numbers, in the method's order
   * @return the result, attached to {@code owner}
   * @throws IllegalArgumentException if an argument is neither a tensor nor a number
   * @throws ai.djl.engine.EngineException if the kernel fails, with PyTorch's message
   */
  NDArray call(NDManager owner, String method, Object... arguments);

  /**
   * Calls an entry point that returns a tuple or list of tensors.
   *
   * @param owner who closes the results
   * @param method the entry point's name
   * @param arguments tensors and numbers, in the method's order
   * @return the results, attached to {@code owner}
   * @throws IllegalArgumentException if an argument is neither a tensor nor a number
   * @throws ai.djl.engine.EngineException if the kernel fails, with PyTorch's message
   */
  NDList callAll(NDManager owner, String method, Object... arguments);
}
