package org.longlora4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.google.inject.Binder;
import com.google.inject.Module;
import java.lang.reflect.Proxy;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.tensor.CustomGradients;
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
    binder.bind(KernelCompiler.class).toInstance(new NoCompiler());
    binder.bind(TensorFiles.class).toInstance(SafetensorsFile::open);
    binder
        .bind(CustomGradients.class)
        .toInstance(
            (kernels, forward, backward, arguments) -> {
              throw refused("the kernel " + forward);
            });
    binder
        .bind(CausalAttention.class)
        .toInstance(
            (query, key, value, segments) -> {
              throw refused("dense attention");
            });
  }

  private static IllegalStateException refused(String what) {
    return new IllegalStateException(what + " is called where only shapes are looked at");
  }

  /** Gives kernels that are not compiled. */
  private record NoCompiler() implements KernelCompiler {
    @Override
    public Kernels compile(Class<?> anchor, String resource) {
      return new NoKernels(resource);
    }

    @Override
    public <K> K compile(Class<?> anchor, String resource, Class<K> handle) {
      return handle.cast(
          Proxy.newProxyInstance(
              handle.getClassLoader(),
              new Class<?>[] {handle},
              (proxy, method, arguments) -> {
                throw refused("the kernel " + method.getName() + " of " + resource);
              }));
    }
  }

  /** Stands for kernels that are not compiled. */
  private record NoKernels(String resource) implements Kernels {
    @Override
    public NDArray call(NDManager owner, String method, Object... arguments) {
      throw refused("the kernel " + method + " of " + resource);
    }

    @Override
    public NDList callAll(NDManager owner, String method, Object... arguments) {
      throw refused("the kernel " + method + " of " + resource);
    }
  }
}
