package org.longlora4j.core.tensor;

import com.google.inject.Binder;
import com.google.inject.Module;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.tensor.CustomGradients;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.TensorFiles;

/**
 * What an implementation may ask for in its constructor: kernels, their gradients, dense attention,
 * files.
 */
public final class TorchServices implements Module, AutoCloseable {
  private final TorchEngine engine = TorchEngine.start();
  private final TorchKernelCompiler compiler = new TorchKernelCompiler(engine);
  private final GradientTapes tapes = new GradientTapes(compiler);

  /** The running engine. */
  public TorchEngine engine() {
    return engine;
  }

  /** The compiler, shared by all. */
  public KernelCompiler compiler() {
    return compiler;
  }

  /** The tapes on which gradients are recorded. */
  public GradientTapes tapes() {
    return tapes;
  }

  /** Dense causal attention. */
  public CausalAttention causalAttention() {
    return new BlockedAttention(compiler, tapes);
  }

  @Override
  public void configure(Binder binder) {
    binder.bind(KernelCompiler.class).toInstance(compiler);
    binder.bind(CustomGradients.class).toInstance(tapes);
    binder.bind(TensorFiles.class).toInstance(SafetensorsFile::open);
    binder.bind(CausalAttention.class).toProvider(this::causalAttention);
  }

  @Override
  public void close() {
    compiler.close();
  }
}
