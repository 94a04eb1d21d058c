package ${package};

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.inject.Inject;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.KernelCompiler;

/** 8 bits for each number of a weight, and one scale for each of its rows. */
public final class RowQuantizer implements WeightQuantizer {
  private final RowKernels kernels;

  @Inject
  RowQuantizer(KernelCompiler compiler) {
    kernels = compiler.compile(RowQuantizer.class, "rows.py", RowKernels.class);
  }

  @Override
  public boolean quantizes(ModelModule module) {
    return true;
  }

  @Override
  public QuantizedWeight quantize(ModelModule module, NDArray weight, NDManager owner) {
    NDList stored = kernels.quantize(owner, weight);
    return new RowWeight(module.weight(), stored.get(0), stored.get(1), kernels);
  }

  @Override
  public long storedBytes(ModelModule module) {
    return module.weight().size() + scaleBytes(module);
  }

  @Override
  public long scaleBytes(ModelModule module) {
    return module.weight().get(0) * Float.BYTES;
  }
}
