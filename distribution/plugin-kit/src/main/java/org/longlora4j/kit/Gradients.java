package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;

/**
 * Compares the gradients of a function with what small changes of its inputs do to its output.
 *
 * @param function of float32 tensors by name, attached to their manager
 */
record Gradients(Function<Map<String, NDArray>, NDArray> function) {
  /** Where rounding to float32 and the function's own curvature disturb the quotient least. */
  private static final float STEP = 1e-2f;

  private static final double TOLERANCE = 5e-3;

  /** One input: its numbers in row-major order. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Input(Shape shape, float[] values) {
    static Input of(Shape shape, Drawn drawn, double factor) {
      return new Input(shape, drawn.normal(shape.size(), factor));
    }
  }

  /** The gradients of a random weighting of the output's elements. */
  Map<String, float[]> backward(Map<String, Input> inputs) {
    try (NDManager owner = SERVICES.engine().newManager();
        GradientTape tape = SERVICES.tapes().open(owner)) {
      Map<String, NDArray> leaves = tensors(inputs, owner);
      leaves.values().forEach(leaf -> leaf.setRequiresGradient(true));
      NDArray output = tape.record(() -> function.apply(leaves));
      tape.backward(output, owner.create(weights(output.size()), output.getShape()));
      Map<String, float[]> gradients = new LinkedHashMap<>();
      leaves.forEach(
          (name, leaf) -> {
            NDArray gradient = Autograd.gradient(leaf);
            assertThat(gradient.getDataType())
                .as("the number format of the gradient of %s", name)
                .isEqualTo(DataType.FLOAT32);
            gradients.put(name, gradient.toFloatArray());
          });
      return gradients;
    }
  }

  /** Fails unless every gradient is the slope of the function. */
  void assertAreSlopes(Map<String, Input> inputs) {
    Map<String, float[]> gradients = backward(inputs);
    inputs.forEach(
        (name, input) -> {
          float[] gradient = gradients.get(name);
          for (int i = 0; i < gradient.length; i++) {
            double slope = slope(inputs, name, i);
            if (!(Math.abs(gradient[i] - slope) <= TOLERANCE * Math.max(1, Math.abs(slope)))) {
              throw new AssertionError(
                  ("the gradient of %s at element %d of shape %s is %s, but a small change there"
                          + " moves the output by %.4f times as much")
                      .formatted(name, i, input.shape(), gradient[i], slope));
            }
          }
        });
  }

  private double slope(Map<String, Input> inputs, String name, int element) {
    float[] values = inputs.get(name).values();
    float before = values[element];
    try {
      values[element] = before + STEP;
      double above = weighted(inputs);
      values[element] = before - STEP;
      double below = weighted(inputs);
      return (above - below) / (2.0 * STEP);
    } finally {
      values[element] = before;
    }
  }

  private double weighted(Map<String, Input> inputs) {
    try (NDManager owner = SERVICES.engine().newManager()) {
      float[] output = Autograd.silent(() -> function.apply(tensors(inputs, owner))).toFloatArray();
      float[] weights = weights(output.length);
      double sum = 0;
      for (int i = 0; i < output.length; i++) {
        sum += (double) weights[i] * output[i];
      }
      return sum;
    }
  }

  private static float[] weights(long count) {
    return new Drawn(5).normal(count, 1);
  }

  private static Map<String, NDArray> tensors(Map<String, Input> inputs, NDManager owner) {
    Map<String, NDArray> tensors = new LinkedHashMap<>();
    inputs.forEach((name, input) -> tensors.put(name, owner.create(input.values(), input.shape())));
    return tensors;
  }
}
