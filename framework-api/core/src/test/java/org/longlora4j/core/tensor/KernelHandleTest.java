package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class KernelHandleTest {
  private static final TorchEngine ENGINE = TorchEngine.start();
  private static final TorchKernelCompiler COMPILER = new TorchKernelCompiler(ENGINE);

  @AfterAll
  static void close() {
    COMPILER.close();
  }

  interface Example {
    NDArray scale(NDManager owner, NDArray x, double by);

    NDArray shift(NDManager owner, NDArray x, int by);

    NDList both(NDManager owner, NDArray x);

    default NDArray twice(NDManager owner, NDArray x) {
      return scale(owner, x, 2);
    }

    static Example bound() {
      return compile(Example.class);
    }

    NDArray addThreeNumbers(NDManager owner, NDArray x, float first, long second, int third);
  }

  private static <K> K compile(Class<K> handle) {
    return COMPILER.compile(KernelHandleTest.class, "example.py", handle);
  }

  @Test
  void methodsAreTheEntryPointsOfTheirNames() {
    Example kernels = Example.bound();
    try (NDManager owner = ENGINE.newManager()) {
      NDArray x = owner.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(1, 2, 3));
      assertThat(kernels.scale(owner, x, 2.5).toFloatArray())
          .containsExactly(2.5f, 5, 7.5f, 10, 12.5f, 15);
      assertThat(kernels.twice(owner, x).toFloatArray()).containsExactly(2, 4, 6, 8, 10, 12);
      assertThat(kernels.shift(owner, x, 1).toFloatArray()).containsExactly(1, 2, 3, 6, 4, 5);
      assertThat(kernels.both(owner, x)).hasSize(2);
      assertThat(kernels.addThreeNumbers(owner, x, 0.5f, 2, 1).toFloatArray()[0]).isEqualTo(4.5f);
    }
    assertThat(Set.of(kernels)).contains(kernels).doesNotContain(compile(Example.class));
    assertThat(kernels).hasToString("Example of example.py");
  }

  interface Misnamed {
    NDArray halfShift(NDManager owner, NDArray x);
  }

  interface WithoutOwner {
    NDArray scale(NDArray x, double by);
  }

  interface WithText {
    NDArray scale(NDManager owner, NDArray x, String by);
  }

  interface WithTooFew {
    NDArray scale(NDManager owner, NDArray x);
  }

  interface Voidly {
    void scale(NDManager owner, NDArray x, double by);
  }

  @Test
  void whatDoesNotFitTheFileIsNamedWhenItIsBound() {
    assertRefused(
        Misnamed.class, "Misnamed.halfShift", "no entry point half_shift; there are scale");
    assertRefused(
        WithoutOwner.class, "WithoutOwner.scale", "first parameter must be the NDManager");
    assertRefused(WithText.class, "WithText.scale", "is String, must be NDArray, int");
    assertRefused(WithTooFew.class, "WithTooFew.scale", "1 parameters after the owner", "takes 2");
    assertRefused(Voidly.class, "Voidly.scale", "returns void, must return NDArray or NDList");
    assertRefused(String.class, "java.lang.String is no interface");
  }

  private static void assertRefused(Class<?> handle, String... parts) {
    assertThatThrownBy(() -> compile(handle))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }
}
