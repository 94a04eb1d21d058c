package org.longlora4j.core.tensor;

import com.google.inject.Binder;
import com.google.inject.Module;
import java.util.function.Supplier;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.tensor.CustomGradients;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.TensorFiles;

/** The services of {@link TorchServices}, which start the engine when one asks for a kernel. */
public final class LazyServices implements Module {
  private final Supplier<TorchServices> engine;

  /**
   * Services of an engine that may never be needed.
   *
   * @param engine starts it, or gives the one that runs
   */
  public LazyServices(Supplier<TorchServices> engine) {
    this.engine = engine;
  }

  @Override
  public void configure(Binder binder) {
    binder.bind(TensorFiles.class).toInstance(SafetensorsFile::open);
    binder.bind(KernelCompiler.class).toProvider(() -> engine.get().compiler());
    binder.bind(CustomGradients.class).toProvider(() -> engine.get().tapes());
    binder.bind(CausalAttention.class).toProvider(() -> engine.get().causalAttention());
  }
}
