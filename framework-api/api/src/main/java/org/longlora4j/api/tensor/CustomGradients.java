package org.longlora4j.api.tensor;

import ai.djl.ndarray.NDArray;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Calls kernels whose gradients are written by hand. Ask for it in the constructor of an extension.
 *
 * <p>Autograd differentiates any kernel, and keeps for that whatever its operations need. A
 * gradient of its own is worth the work where that is much: it is given the arguments, and computes
 * again what is cheap.
 *
 * <pre>{@code
 * def square(self: __torch__.Kernels, x: Tensor, factor: Tensor) -> Tensor:
 *   return x * x * float(factor)
 * def square_backward(self: __torch__.Kernels, x: Tensor, factor: Tensor, gradient: Tensor) -> List[Tensor]:
 *   return [gradient * x * (2. * float(factor))]
 * }</pre>
 */
@ProviderType
public interface CustomGradients {
  /**
   * Calls an entry point that returns one tensor, so that another one gives its gradients.
   *
   * <p>In a step of training nothing that {@code forward} does is recorded. Elsewhere, as in a test
   * with autograd alone, the gradients are those that autograd derives of it.
   *
   * @param kernels has both entry points
   * @param forward takes the arguments. The result must be a tensor of its own, not an argument,
   *     but may lie in the memory of one that nothing else needs afterwards
   * @param backward takes the arguments, as {@code forward} got them (what they held, if {@code
   *     forward} wrote to them, is gone), then the gradient of the result, in its shape and number
   *     format; returns a tuple or list of the gradients of the first tensors, in order, in their
   *     shapes and number formats: each in memory of its own, but for one that may be the given
   *     gradient. Those that nothing asks for are dropped
   * @param arguments one tensor or more, then any numbers, which reach the kernels as in {@link
   *     Kernels#call}. They may be closed afterwards
   * @return the result, attached to the first tensor's manager
   * @throws IllegalArgumentException if the first argument is no tensor, or a tensor follows a
   *     number
   * @throws ai.djl.engine.EngineException if the kernel fails, with PyTorch's message
   * @throws IllegalStateException later, in the backward pass, if {@code backward} gives too many
   *     gradients or one of another shape; the message names it
   */
  NDArray call(Kernels kernels, String forward, String backward, Object... arguments);
}
