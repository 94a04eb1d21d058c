package org.example.sinkwindow;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** The entry points of sink_window.py. */
interface SinkWindowKernels {
  /** Attention of each query to the first {@code sinks} positions and the last {@code window}. */
  NDArray sinkWindow(
      NDManager owner, NDArray query, NDArray key, NDArray value, int sinks, int window);
}
