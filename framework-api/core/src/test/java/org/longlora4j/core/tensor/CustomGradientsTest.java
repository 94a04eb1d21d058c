package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.tensor.CustomGradients;
import org.longlora4j.api.tensor.Kernels;

class CustomGradientsTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final CustomGradients GRADIENTS = SERVICES.tapes();
  private static final Kernels KERNELS =
      SERVICES.compiler().compile(CustomGradientsTest.class, "custom.py");

  private final NDManager owner = SERVICES.engine().newManager();

  @AfterEach
  void close() {
    owner.close();
  }

  private NDArray leaf(float... values) {
    NDArray leaf = owner.create(values);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  private static NDArray rounded(NDArray x) {
    return GRADIENTS.call(KERNELS, "rounded", "rounded_backward", x, 2);
  }

  private static NDArray addSquares(NDArray x, NDArray y) {
    return GRADIENTS.call(KERNELS, "add_squares", "add_squares_backward", x, y);
  }

  @Test
  void aStepOfTrainingTakesTheGradientWrittenByHand() {
    NDArray x = leaf(0.6f, -1.1f);
    float[] output = backward(() -> rounded(x).mul(3), new float[] {1, 10});
    assertThat(output).containsExactly(1.5f, -3);
    assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(3, 30);
  }

  @Test
  void withoutAStepTheGradientIsAutogradsOwn() {
    NDArray x = leaf(0.6f);
    NDArray y = Autograd.recording(() -> rounded(x));
    Autograd.backward(y, owner.ones(new Shape(1)));
    assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(0);
  }

  @Test
  void theResultBelongsToTheFirstTensorsManager() {
    try (NDManager scope = owner.newSubManager()) {
      NDArray y = rounded(scope.create(new float[] {0.6f}));
      assertThat(y.getManager()).isSameAs(scope);
      assertThat(y.toFloatArray()).containsExactly(0.5f);
      assertThat(scope.getManagedArrays()).hasSize(2);
    }
  }

  /** The sum's gradient passes through as it is, and adds up with what else is made of x. */
  @Test
  void theResultMayLieInTheMemoryOfAnArgument() {
    NDArray x = leaf(1, 2);
    NDArray y = leaf(3, -4);
    float[] output =
        backward(
            () -> {
              try (NDArray first = rounded(x); // gives up its memory
                  NDArray sum = addSquares(first, y)) {
                assertThat(first.toFloatArray()).isEqualTo(sum.toFloatArray());
                NDArray twice = addSquares(rounded(x), y);
                return addSquares(twice, sum);
              }
            },
            new float[] {1, 10});
    // s = x + y², s + s²
    assertThat(output).containsExactly(10 + 100, 18 + 324);
    assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(1 + 20, 10 * (1 + 36));
    assertThat(Autograd.gradient(y).toFloatArray()).containsExactly(6 * 21, -8 * 370);
  }

  @Test
  void tensorsComeFirstAndNumbersAfterThem() {
    NDArray x = leaf(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GRADIENTS.call(KERNELS, "rounded", "rounded_backward", 2, x))
        .withMessage("the first argument of rounded is no tensor");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GRADIENTS.call(KERNELS, "rounded", "rounded_backward", x, 2, x))
        .withMessage("a tensor follows a number in the call of rounded");
  }

  @Test
  void aGradientOfAnotherShapeIsRefusedByName() {
    NDArray x = leaf(1, 2);
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                backward(
                    () -> GRADIENTS.call(KERNELS, "rounded", "first_of_backward", x, 2),
                    new float[] {1, 1}))
        .withMessage(
            "first_of_backward gives a gradient of shape (1) for tensor 0, counted from 0, whose"
                + " shape is (2)");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                backward(
                    () -> GRADIENTS.call(KERNELS, "rounded", "two_backward", x, 2),
                    new float[] {1, 1}))
        .withMessage("two_backward gives 2 gradients, must give 1 at the most");
  }

  private float[] backward(Supplier<NDArray> work, float[] gradient) {
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      NDArray output = tape.record(work);
      tape.backward(output, owner.create(gradient));
      return output.toFloatArray();
    }
  }
}
