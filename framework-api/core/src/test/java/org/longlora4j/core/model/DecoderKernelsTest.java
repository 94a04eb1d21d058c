package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;

/** Kernels that go through their input in pieces, beside plain operations and autograd. */
class DecoderKernelsTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final Kernels KERNELS =
      SERVICES.compiler().compile(CausalLanguageModel.class, "decoder.py");
  private static final double EPSILON = 1e-5;

  /** 1401 rows of 2048 numbers: two pieces of 512 rows and a shorter one. */
  private static final Shape SEVERAL_PIECES = new Shape(3, 467, 2048);

  private final NDManager owner = SERVICES.engine().newManager();

  @AfterEach
  void close() {
    owner.close();
  }

  private NDArray leaf(Shape shape) {
    NDArray leaf = owner.randomNormal(shape);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  @Test
  void aNormAndItsGradientsAreThoseOfTheWhole() {
    NDArray x = leaf(SEVERAL_PIECES);
    NDArray weight = leaf(new Shape(2048));
    NDArray gradient = owner.randomNormal(SEVERAL_PIECES);
    NDArray expected =
        Autograd.recording(
            () -> {
              NDArray squares = x.mul(x).mean(new int[] {2}, true).add(EPSILON);
              return x.div(squares.sqrt()).mul(weight);
            });
    Autograd.backward(expected, gradient);

    assertNear(KERNELS.call(owner, "rms_norm", x, weight, EPSILON), expected);
    NDList found =
        Autograd.silent(
            () ->
                KERNELS.callAll(owner, "rms_norm_backward_trained", x, weight, EPSILON, gradient));
    assertNear(found.get(0), Autograd.gradient(x));
    assertNear(found.get(1), Autograd.gradient(weight));
    NDArray ofFrozen =
        Autograd.silent(
            () -> KERNELS.call(owner, "rms_norm_backward", x, weight, EPSILON, gradient));
    assertNear(ofFrozen, Autograd.gradient(x));
  }

  @Test
  void theGatesGradientsAreThoseOfTheWhole() {
    NDArray gate = leaf(SEVERAL_PIECES);
    NDArray up = leaf(SEVERAL_PIECES);
    NDArray gradient = owner.randomNormal(SEVERAL_PIECES);
    NDArray expected =
        Autograd.recording(() -> gate.div(gate.neg().exp().add(1)).mul(up)); // gate · sigmoid(gate)
    Autograd.backward(expected, gradient);

    assertNear(KERNELS.call(owner, "swiglu", gate, up), expected);
    NDList found =
        Autograd.silent(() -> KERNELS.callAll(owner, "swiglu_backward", gate, up, gradient));
    assertNear(found.get(0), Autograd.gradient(gate));
    assertNear(found.get(1), Autograd.gradient(up));
  }

  private static void assertNear(NDArray actual, NDArray expected) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    float largest = expected.abs().max().getFloat();
    assertThat(actual.sub(expected).abs().max().getFloat() / largest).isLessThan(1e-5f);
  }
}
