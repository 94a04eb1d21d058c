package org.longlora4j.core.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/**
 * DJL's PyTorch engine, started on first use.
 *
 * <p>The engine is one per JVM and loads one native library. It must first be touched with the
 * class loader that holds DJL as the thread's context class loader; a wrong one at that moment
 * breaks it for good.
 */
public final class TorchEngine {
  private final Engine engine;

  private TorchEngine(Engine engine) {
    this.engine = engine;
  }

  /** Starts the engine, or joins the one that runs. */
  public static TorchEngine start() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Engine.class.getClassLoader());
    try {
      return new TorchEngine(Engine.getEngine("PyTorch"));
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** A new top-level owner of tensors on the device that training uses. */
  public NDManager newManager() {
    return engine.newBaseManager();
  }

  /** The device that training uses: the first GPU if the engine sees one. */
  public Device device() {
    return engine.defaultDevice();
  }

  /** The engine's name and version. */
  public String version() {
    return engine.getEngineName() + " " + engine.getVersion();
  }

  /** How many threads one operation may use. */
  public int threads() {
    return JniUtils.getNumThreads();
  }

  /** Seeds the generators that dropout draws from, on all devices. */
  public void seed(long seed) {
    engine.setRandomSeed((int) (seed ^ (seed >>> 32)));
  }
}
