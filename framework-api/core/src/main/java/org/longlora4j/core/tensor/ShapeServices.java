package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.inject.Binder;
import com.google.inject.Module;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.TensorFiles;

/**
 * What the constructor of an extension may ask for, without an engine behind it: enough for what is
 * told from shapes alone, such as costs.
 */
public final class ShapeServices implements Module {
  @Override
  public void configure(Binder binder) {
    binder.bind(KernelCompiler.class).toInstance((anchor, resource) -> new NoKernels());
    binder.bind(TensorFiles.class).toInstance(SafetensorsFile::open);
    binder
        .bind(CausalAttention.class)
        .toInstance(
            (query, key, value) -> {
              throw noEngine();
            });
  }

  private static IllegalStateException noEngine() {
    return new IllegalStateException("asked to compute where only shapes are looked at");
  }

  private static final class NoKernels implements Kernels {
    @Override
    public NDArray call(NDManager owner, String method, Object... arguments) {
      throw noEngine();
    }

    @Override
    public NDList callAll(NDManager owner, String method, Object... arguments) {
      throw noEngine();
    }
  }
}
