package org.longlora4j.core.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.TensorReader;

/** Reads the tensors of checkpoints as numbers, also weights that are quantized there. */
public final class WeightReader {
  private final Kernels kernels;
  private final TensorReader reader;

  /** Compiles the kernels that reading needs. */
  public WeightReader(KernelCompiler compiler) {
    kernels = compiler.compile(CausalLanguageModel.class, "decoder.py");
    reader = new TensorReader(compiler);
  }

  /**
   * Reads a module's weight.
   *
   * @param checkpoint open
   * @param module one of its modules
   * @param precision the number format wanted
   * @param owner who closes the result
   */
  public NDArray weight(
      Checkpoint checkpoint, ModelModule module, Precision precision, NDManager owner) {
    if (!checkpoint.isQuantized(module)) {
      return tensor(checkpoint, module.name() + ".weight", precision, owner);
    }
    try (NDManager scope = owner.newSubManager()) {
      NDArray weight = zeros(module.weight(), precision, scope);
      checkpoint.readQuantized(module, scope).dequantize(weight, precision);
      weight.attach(owner);
      return weight;
    }
  }

  /**
   * Reads a tensor that is stored as floating-point numbers.
   *
   * @param checkpoint open
   * @param name one of its tensors
   * @param precision the number format wanted
   * @param owner who closes the result
   */
  public NDArray tensor(Checkpoint checkpoint, String name, Precision precision, NDManager owner) {
    return reader.read(checkpoint.file(name), name, precision, owner);
  }

  /** Zeros. */
  NDArray zeros(Shape shape, Precision precision, NDManager owner) {
    NDArray zeros = owner.zeros(shape);
    if (precision == Precision.FLOAT32) {
      return zeros;
    }
    try (zeros) {
      return kernels.call(owner, "as_bfloat16", zeros);
    }
  }
}
