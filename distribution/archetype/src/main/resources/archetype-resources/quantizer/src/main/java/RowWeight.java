package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.Precision;

/** A weight in codes of 8 bits. Its tensors belong to the owner that it was quantized into. */
record RowWeight(Shape shape, NDArray codes, NDArray scales, RowKernels kernels)
    implements QuantizedWeight {
  @Override
  public void dequantize(NDArray target, Precision precision) {
    // The kernel's result is a second handle on the target, and copying rounds to its format.
    kernels.dequantize(target.getManager(), target, codes, scales).close();
  }
}
