package org.longlora4j.api.tensor;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Compiles TorchScript source. Ask for it in the constructor of an extension.
 *
 * <p>A kernel file is TorchScript as PyTorch itself writes it into a saved module: free functions,
 * called as {@code __torch__.name(…)}, and a {@code class Kernels(Module)} whose methods are the
 * entry points. All of ATen is at hand as {@code torch.…} and {@code ops.…}, and autograd flows
 * through.
 *
 * <pre>{@code
 * def half_shift(x: Tensor, shift: int) -> Tensor:
 *   heads = x.size(1) // 2
 *   return torch.cat([x[:, :heads], x[:, heads:].roll([shift], [2])], 1)
 * class Kernels(Module):
 *   __parameters__ = []
 *   __buffers__ = []
 *   training : bool
 *   def shift(self: __torch__.Kernels, x: Tensor, shift: Tensor) -> Tensor:
 *     return __torch__.half_shift(x, int(shift))
 * }</pre>
 */
@ProviderType
public interface KernelCompiler {
  /**
   * Compiles a kernel file. The result lives as long as the session and is shared by all callers
   * that compile the same resource.
   *
   * @param anchor a class in the jar and package of the resource
   * @param resource the file's name, relative to {@code anchor}'s package
   * @return its entry points
   * @throws IllegalArgumentException if there is no such resource or its source does not compile;
   *     the message carries the compiler's own
   */
  Kernels compile(Class<?> anchor, String resource);

  /**
   * Compiles a kernel file and binds its entry points to the methods of an interface, so that the
   * Java compiler checks their calls and a mismatch with the file shows here and not in training.
   *
   * <p>Each abstract method stands for the entry point of its name in snake case: {@code halfShift}
   * for {@code half_shift}. Its first parameter is the {@link ai.djl.ndarray.NDManager} that owns
   * the result; each of the others is an {@link ai.djl.ndarray.NDArray} or a number, {@code int},
   * {@code long}, {@code float} or {@code double}. It returns an {@code NDArray}, or an {@link
   * ai.djl.ndarray.NDList} where the entry point returns several tensors.
   *
   * <pre>{@code
   * interface ShiftKernels {
   *   NDArray halfShift(NDManager owner, NDArray x, int shift);
   * }
   *
   * ShiftKernels kernels = compiler.compile(Shift.class, "shift.py", ShiftKernels.class);
   * }</pre>
   *
   * @param anchor a class in the jar and package of the resource
   * @param resource the file's name, relative to {@code anchor}'s package
   * @param handle an interface, which need not be public
   * @param <K> the interface
   * @return the entry points, failing as {@link Kernels#call} does
   * @throws IllegalArgumentException as for {@link #compile(Class, String)}, and if {@code handle}
   *     is no interface or a method of it fits no entry point; the message names the method
   */
  <K> K compile(Class<?> anchor, String resource, Class<K> handle);
}
