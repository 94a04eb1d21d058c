package org.longlora4j.core.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.longlora4j.core.tensor.TorchEngine;

/** Waits for what a device still works on; a CPU is done when its operations return. */
final class DeviceBarrier implements AutoCloseable {
  private final boolean inBackground;
  private final NDManager manager;
  private final NDArray number;

  DeviceBarrier(TorchEngine engine) {
    inBackground = engine.device().isGpu();
    manager = engine.newManager();
    number = manager.create(0f);
  }

  /** Returns when all operations that were begun are done. */
  void await() {
    if (inBackground) {
      number.getFloat(); // the copy to the host stands in line behind them
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
