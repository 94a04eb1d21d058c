package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.longlora4j.api.attention.CausalAttention;
import org.longlora4j.api.attention.HeadSegments;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.model.CausalLanguageModel;

/** Against PyTorch's own attention and autograd's gradients of it, over several blocks. */
class BlockedAttentionTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final Kernels DECODER =
      SERVICES.compiler().compile(CausalLanguageModel.class, "decoder.py");

  private final CausalAttention attention = SERVICES.causalAttention();

  /** Inputs, and where heads attend. */
  record Case(int batch, int heads, int keyValueHeads, int length, List<HeadSegments> segments) {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case(1, 2, 2, 5, List.of(new HeadSegments(2, 0, 5))),
        new Case(1, 2, 2, 128, List.of(new HeadSegments(2, 0, 128))),
        new Case(2, 2, 1, 129, List.of(new HeadSegments(2, 0, 129))),
        new Case(1, 4, 2, 700, List.of(new HeadSegments(4, 0, 700))),
        new Case(1, 4, 2, 700, List.of(new HeadSegments(2, 0, 300), new HeadSegments(2, 150, 300))),
        new Case(2, 3, 3, 257, List.of(new HeadSegments(1, 0, 64), new HeadSegments(2, 32, 64))),
        new Case(1, 2, 2, 40, List.of(new HeadSegments(2, 64, 128))),
        new Case(1, 2, 1, 1024, List.of(new HeadSegments(2, 0, 1024))),
        new Case(1, 9, 9, 1025, List.of(new HeadSegments(9, 0, 1025))), // more than go at once
        new Case(1, 3, 3, 4200, List.of(new HeadSegments(3, 0, 4200))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void outputsAndGradientsAreThoseOfTheFusedKernel(Case call) {
    Map<String, float[]> expected;
    Map<String, float[]> found;
    try (NDManager owner = SERVICES.engine().newManager()) {
      // No tape: autograd records PyTorch's kernel.
      expected = run(call, owner, Autograd::recording, Autograd::backward);
    }
    try (NDManager owner = SERVICES.engine().newManager();
        GradientTape tape = SERVICES.tapes().open(owner)) {
      found = run(call, owner, tape::record, tape::backward);
    }
    assertThat(found.keySet()).containsExactlyInAnyOrder("output", "query", "key", "value");
    expected.forEach((name, values) -> assertNear(name, found.get(name), values));
  }

  /** Runs something while gradients are recorded. */
  private interface Recording {
    NDArray record(Supplier<NDArray> work);
  }

  /** Goes backwards. */
  private interface Backward {
    void run(NDArray output, NDArray gradient);
  }

  private Map<String, float[]> run(
      Case call, NDManager owner, Recording recording, Backward backward) {
    SERVICES.engine().seed(3);
    int dim = 16;
    NDArray query = leaf(owner, new Shape(call.batch, call.heads, call.length, dim));
    NDArray key = leaf(owner, new Shape(call.batch, call.keyValueHeads, call.length, dim));
    NDArray value = leaf(owner, new Shape(call.batch, call.keyValueHeads, call.length, dim));
    NDArray gradient = owner.randomNormal(query.getShape());
    NDArray output =
        recording.record(() -> attention.attendWithin(query, key, value, call.segments));
    assertThat(output.getShape()).isEqualTo(query.getShape());
    backward.run(output, gradient);
    return Map.of(
        "output", output.toFloatArray(),
        "query", Autograd.gradient(query).toFloatArray(),
        "key", Autograd.gradient(key).toFloatArray(),
        "value", Autograd.gradient(value).toFloatArray());
  }

  private static NDArray leaf(NDManager owner, Shape shape) {
    NDArray leaf = owner.randomNormal(shape);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  private static void assertNear(String name, float[] found, float[] expected) {
    double worst = 0;
    for (int i = 0; i < expected.length; i++) {
      worst = Math.max(worst, Math.abs(found[i] - expected[i]));
    }
    assertThat(worst).as(name).isLessThan(2e-5);
  }

  @Test
  void sumsOverManyBlocksKeepMoreThanBfloat16Has() {
    int length = 4096;
    try (NDManager owner = SERVICES.engine().newManager()) {
      NDArray x = owner.zeros(new Shape(1, 1, length, 4));
      NDArray ones = owner.ones(new Shape(1, 1, length, 4));
      NDArray zeros = DECODER.call(owner, "as_bfloat16", x);
      NDArray value = DECODER.call(owner, "as_bfloat16", x);
      NDArray gradient = DECODER.call(owner, "as_bfloat16", ones);
      value.setRequiresGradient(true);
      try (GradientTape tape = SERVICES.tapes().open(owner)) {
        NDArray output = tape.record(() -> attention.attend(zeros, zeros, value));
        tape.backward(output, gradient);
      }
      float[] found = DECODER.call(owner, "as_float32", Autograd.gradient(value)).toFloatArray();
      // Position 0 is seen by all queries, by query i with the weight 1 / (i + 1).
      double harmonic = 0;
      for (int i = length; i >= 1; i--) {
        harmonic += 1.0 / i;
      }
      assertThat(found[0] / harmonic).isBetween(1 - 0x1p-8, 1 + 0x1p-8);
    }
  }

  @Test
  void segmentsMustBeThoseOfAllHeads() {
    try (NDManager owner = SERVICES.engine().newManager()) {
      NDArray x = owner.ones(new Shape(1, 3, 4, 2));
      List<HeadSegments> two = new ArrayList<>(List.of(new HeadSegments(2, 0, 4)));
      assertThatThrownBy(() -> attention.attendWithin(x, x, x, two))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("segments are given for 2 query heads, but there are 3");
    }
  }
}
