package org.longlora4j.core;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Field;
import java.util.Map;

/** Counts the tensors that are alive under a manager: what finds a leak in a test. */
public final class TensorCensus {
  private static final Field RESOURCES = field();

  private TensorCensus() {}

  private static Field field() {
    try {
      Field field = BaseNDManager.class.getDeclaredField("resources");
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new AssertionError("DJL keeps what a manager owns in another place", e);
    }
  }

  /** The tensors of a manager and of all managers below it. */
  public static long of(NDManager manager) {
    long tensors = 0;
    for (Object resource : resources(manager).values()) {
      if (resource instanceof NDManager below) {
        tensors += of(below);
      } else if (resource instanceof NDArray) {
        tensors++;
      }
    }
    return tensors;
  }

  private static Map<?, ?> resources(NDManager manager) {
    try {
      return (Map<?, ?>) RESOURCES.get(manager);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
