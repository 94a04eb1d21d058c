package org.longlora4j.core.tensor;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/** Compiles kernels with PyTorch's own TorchScript compiler and keeps them until closed. */
public final class TorchKernelCompiler implements KernelCompiler, AutoCloseable {
  private final NDManager manager;
  private final Map<Source, TorchKernels> compiled = new ConcurrentHashMap<>();

  /** Starts the engine if it does not run. */
  public TorchKernelCompiler(TorchEngine engine) {
    manager = engine.newManager();
  }

  @Override
  public Kernels compile(Class<?> anchor, String resource) {
    return compiled.computeIfAbsent(new Source(anchor, resource), this::load);
  }

  @Override
  public <K> K compile(Class<?> anchor, String resource, Class<K> handle) {
    Source source = new Source(anchor, resource);
    Kernels kernels = compiled.computeIfAbsent(source, this::load);
    return new KernelHandle(resource, kernels, EntryPoints.of(source.read())).as(handle);
  }

  private TorchKernels load(Source source) {
    byte[] archive = TorchScriptArchive.of(source.read());
    try {
      PtSymbolBlock block =
          JniUtils.loadModule(
              (PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
      return new TorchKernels(source.resource(), block, manager);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // in memory: cannot happen
    } catch (EngineException e) {
      throw new IllegalArgumentException(
          "kernel " + source + " does not compile: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    compiled.values().forEach(TorchKernels::close);
    manager.close();
  }

  private record Source(Class<?> anchor, String resource) {
    String read() {
      try (InputStream in = anchor.getResourceAsStream(resource)) {
        if (in == null) {
          throw new IllegalArgumentException("there is no kernel " + this);
        }
        return new String(in.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String toString() {
      return resource + " beside " + anchor.getName();
    }
  }
}
