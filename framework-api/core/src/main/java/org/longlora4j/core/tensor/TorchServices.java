package org.longlora4j.core.tensor;

import com.google.inject.Binder;
import com.google.inject.Module;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.TensorFiles;

/** What an implementation may ask for in its constructor: kernels, dense attention, files. */
public final class TorchServices implements Module, AutoCloseable {
  private final TorchEngine engine = TorchEngine.start();
  private final TorchKernelCompiler compiler = new TorchKernelCompiler(engine);

  /** The running engine. */
  public TorchEngine engine() {
    return engine;
  }

  /** The compiler, shared by all. */
  public KernelCompiler compiler() {
    return compiler;
  }

  /** Dense causal attention. */
  public CausalAttention causalAttention() {
    Kernels kernels = compiler.compile(TorchServices.class, "attention.py");
    return (query, key, value) ->
        kernels.call(query.getManager(), "causal_attention", query, key, value);
  }

  @Override
  public void configure(Binder binder) {
    binder.bind(KernelCompiler.class).toInstance(compiler);
    binder.bind(TensorFiles.class).toInstance(SafetensorsFile::open);
    binder.bind(CausalAttention.class).toProvider(this::causalAttention);
  }

  @Override
  public void close() {
    compiler.close();
  }
}
