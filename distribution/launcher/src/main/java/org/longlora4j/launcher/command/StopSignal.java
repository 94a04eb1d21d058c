package org.longlora4j.launcher.command;

import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;

/**
 * Notices SIGTERM and SIGINT and lets the work come to a good end before the process goes.
 *
 * <p>The JVM runs its shutdown hooks on a signal and then exits with 128 plus the signal's number:
 * 143 or 130. The hook holds it back until the work has saved its state.
 */
final class StopSignal implements AutoCloseable {
  private final PrintStream err;
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::holdBack, "stop-signal");
  private volatile boolean requested;

  /**
   * Waits for signals.
   *
   * @param err where to say that one was noticed, since the step under way may take long
   */
  StopSignal(PrintStream err) {
    this.err = err;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void holdBack() {
    requested = true;
    if (finished.getCount() > 0) {
      err.println("Stopping after the step under way; its state will be saved.");
    }
    try {
      finished.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process was told to end. */
  boolean isRequested() {
    return requested;
  }

  /** Lets the process go. */
  @Override
  public void close() {
    finished.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // A signal came at this very moment: the hook runs, and no longer waits.
        requested = true;
      }
    }
  }
}
