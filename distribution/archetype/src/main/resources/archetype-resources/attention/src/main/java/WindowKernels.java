package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** The entry points of window.py. */
interface WindowKernels {
  /** Attention in which each query sees itself and the {@code size - 1} positions before it. */
  NDArray window(NDManager owner, NDArray query, NDArray key, NDArray value, int size);
}
