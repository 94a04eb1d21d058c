package org.longlora4j.api.position;

import java.util.LinkedHashMap;
import java.util.Map;

/** What several scalings share. */
final class RotaryMath {
  private RotaryMath() {}

  static void requireFactor(double factor) {
    if (!(factor >= 1) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("factor is " + factor + ", must be at least 1");
    }
  }

  /** The base under which the lowest frequency is divided by {@code factor}. */
  static double stretchedTheta(RotaryEmbedding embedding, double factor) {
    int dim = embedding.rotaryDim();
    if (dim < 4) {
      throw new IllegalArgumentException(
          "rotaryDim is " + dim + ", must be at least 4: another base changes nothing");
    }
    return embedding.theta() * Math.pow(factor, dim / (dim - 2.0));
  }

  /** A map in the order given, keys and values alternating. */
  static Map<String, Object> ordered(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }
}
