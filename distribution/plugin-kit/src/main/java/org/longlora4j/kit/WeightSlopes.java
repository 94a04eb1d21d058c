package org.longlora4j.kit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.LayerAttention;
import org.longlora4j.core.tensor.Autograd;

/** Compares the gradients of a model's weights with what small changes of them do to its logits. */
final class WeightSlopes {
  private static final float STEP = 1e-2f;
  private static final double TOLERANCE = 0.02;

  private final CausalLanguageModel model;
  private final LayerAttention attention;
  private final int[][] tokens;

  /**
   * Prepares to compare.
   *
   * @param model all of which trains, in float32
   * @param attention prepared for the rows
   * @param tokens the rows
   */
  WeightSlopes(CausalLanguageModel model, LayerAttention attention, int[][] tokens) {
    this.model = model;
    this.attention = attention;
    this.tokens = tokens;
  }

  /** Fails unless the gradients of a random weighting of the logits are its slopes. */
  void assertAreGradients() {
    backward();
    Map<String, float[]> gradients = new LinkedHashMap<>();
    Map<String, NDArray> parameters = model.trained().all();
    parameters.forEach((name, leaf) -> gradients.put(name, Autograd.gradient(leaf).toFloatArray()));
    parameters.forEach((name, leaf) -> check(name, leaf, gradients.get(name)));
  }

  private void backward() {
    try (NDManager scope = model.manager().newSubManager()) {
      NDArray logits = Autograd.recording(() -> run(scope));
      float[] weights = weights(logits.size());
      Autograd.backward(logits, scope.create(weights, logits.getShape()));
    }
  }

  private NDArray run(NDManager scope) {
    return model.logits(model.hidden(model.tokens(scope, tokens), attention));
  }

  private static float[] weights(long count) {
    return new Drawn(8).normal(count, 0.1);
  }

  private double weighted() {
    return Autograd.silent(
        () -> {
          try (NDManager scope = model.manager().newSubManager()) {
            float[] logits = run(scope).toFloatArray();
            float[] weights = weights(logits.length);
            double sum = 0;
            for (int i = 0; i < logits.length; i++) {
              sum += (double) weights[i] * logits[i];
            }
            return sum;
          }
        });
  }

  /** The element whose gradient is the largest, and some others. */
  private void check(String name, NDArray leaf, float[] gradient) {
    int largest = 0;
    for (int i = 0; i < gradient.length; i++) {
      largest = Math.abs(gradient[i]) > Math.abs(gradient[largest]) ? i : largest;
    }
    for (int i : new int[] {largest, 0, gradient.length / 2, gradient.length - 1}) {
      double slope = slope(leaf, i);
      double scale = Math.max(0.5, Math.abs(gradient[largest]));
      if (!(Math.abs(gradient[i] - slope) <= TOLERANCE * scale)) {
        throw new AssertionError(
            ("the gradient of %s at element %d of shape %s is %s, but a small change there moves"
                    + " the output by %.4f times as much")
                .formatted(name, i, leaf.getShape(), gradient[i], slope));
      }
    }
  }

  private double slope(NDArray leaf, int element) {
    FloatBuffer memory = leaf.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer();
    float before = memory.get(element);
    try {
      memory.put(element, before + STEP);
      double above = weighted();
      memory.put(element, before - STEP);
      return (above - weighted()) / (2.0 * STEP);
    } finally {
      memory.put(element, before);
    }
  }
}
