package org.longlora4j.core.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import org.longlora4j.api.tensor.Kernels;

/** One compiled module and its methods. */
final class TorchKernels implements Kernels, AutoCloseable {
  private final String name;
  private final PtSymbolBlock block;
  private final NDManager manager;

  TorchKernels(String name, PtSymbolBlock block, NDManager manager) {
    this.name = name;
    this.block = block;
    this.manager = manager;
  }

  @Override
  public NDArray call(NDManager owner, String method, Object... arguments) {
    NDList results = callAll(owner, method, arguments);
    if (results.size() != 1) {
      results.close();
      throw new IllegalArgumentException(
          name + "." + method + " returns " + results.size() + " tensors, not one");
    }
    return results.head();
  }

  @Override
  public NDList callAll(NDManager owner, String method, Object... arguments) {
    try (NDManager numbers = manager.newSubManager(Device.cpu());
        NDArray selector = owner.create(0f)) {
      // DJL reads the method from the first tensor's name, and attaches results to its manager.
      selector.setName("module_method:" + method);
      NDList inputs = new NDList(selector);
      for (Object argument : arguments) {
        inputs.add(tensor(argument, numbers));
      }
      // The optimizing executor profiles a kernel's first calls and rewrites it for later ones,
      // which changes last bits: a resumed run would not repeat the run that it continues. The
      // switch belongs to the thread, and DJL's own property for it does not reach this call.
      JniUtils.setGraphExecutorOptimize(false);
      // In DJL's words training: otherwise results could never take part in a gradient.
      return IValueUtils.forward(block, inputs, true);
    }
  }

  private static NDArray tensor(Object argument, NDManager numbers) {
    if (argument instanceof NDArray array) {
      return array;
    }
    if (argument instanceof Integer || argument instanceof Long) {
      return numbers.create(((Number) argument).longValue());
    }
    if (argument instanceof Number number) {
      return numbers.create(number.doubleValue());
    }
    throw new IllegalArgumentException(
        "a kernel takes tensors and numbers, not " + argument.getClass().getName());
  }

  @Override
  public void close() {
    block.close();
  }
}
