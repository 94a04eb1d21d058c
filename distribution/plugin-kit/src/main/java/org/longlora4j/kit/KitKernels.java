package org.longlora4j.kit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.longlora4j.core.tensor.TorchServices;

/** What the contracts compute beside the extensions. */
interface KitKernels {
  /** One engine for all contracts of a JVM, which ends it. */
  TorchServices SERVICES = new TorchServices();

  /** The kernels, compiled. */
  KitKernels KERNELS = SERVICES.compiler().compile(KitKernels.class, "kit.py", KitKernels.class);

  /** {@code x W^T}. */
  NDArray linear(NDManager owner, NDArray x, NDArray weight);

  /** {@code x W^T + b}. */
  NDArray linearWithBias(NDManager owner, NDArray x, NDArray weight, NDArray bias);

  /** A copy rounded to bfloat16. */
  NDArray asBfloat16(NDManager owner, NDArray x);

  /** A copy widened to float32. */
  NDArray asFloat32(NDManager owner, NDArray x);

  /** A view of the first positions of (batch, heads, length, headDim). */
  NDArray firstPositions(NDManager owner, NDArray x, int length);
}
