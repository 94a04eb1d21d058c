package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** The entry points of rows.py. */
interface RowKernels {
  /** Codes of 8 bits, shape (out, in), and scales, shape (out, 1). */
  NDList quantize(NDManager owner, NDArray weight);

  /** Overwrites {@code target}, and returns it once more. */
  NDArray dequantize(NDManager owner, NDArray target, NDArray codes, NDArray scales);
}
