package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** The entry points of output_scaling.py. */
interface OutputScalingKernels {
  /** {@code y · scale}, feature by feature. */
  NDArray scale(NDManager owner, NDArray y, NDArray scale);

  /** The same for an output to which a bias was added, which is left as it is. */
  NDArray scaleBesideBias(NDManager owner, NDArray y, NDArray scale, NDArray bias);

  /** The weight whose output is scaled. */
  NDArray merge(NDManager owner, NDArray weight, NDArray scale);
}
