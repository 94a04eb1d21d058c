package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.tensor.Kernels;

class TorchKernelsTest {
  private static final TorchEngine ENGINE = TorchEngine.start();
  private static final TorchKernelCompiler COMPILER = new TorchKernelCompiler(ENGINE);
  private final Kernels kernels = COMPILER.compile(TorchKernelsTest.class, "example.py");

  @AfterAll
  static void close() {
    COMPILER.close();
  }

  @Test
  void numbersAndTensorsReachTheKernel() {
    try (NDManager owner = ENGINE.newManager()) {
      NDArray x = owner.create(new float[] {1, 2, 3});
      assertThat(kernels.call(owner, "scale", x, 2.5).toFloatArray())
          .containsExactly(2.5f, 5f, 7.5f);
    }
  }

  @Test
  void freeFunctionsCanBeCalled() {
    try (NDManager owner = ENGINE.newManager()) {
      NDArray x = owner.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(1, 2, 3));
      assertThat(kernels.call(owner, "shift", x, 1).toFloatArray())
          .containsExactly(1, 2, 3, 6, 4, 5);
    }
  }

  @Test
  void resultsBelongToTheGivenOwnerAndNotToTheInputs() {
    try (NDManager inputs = ENGINE.newManager();
        NDManager owner = ENGINE.newManager()) {
      NDArray x = inputs.create(new float[] {1});
      NDArray y = kernels.call(owner, "scale", x, 2);
      assertThat(y.getManager()).isSameAs(owner);
      assertThat(inputs.getManagedArrays()).containsExactly(x);
      assertThat(owner.getManagedArrays()).containsExactly(y);
    }
  }

  @Test
  void severalResultsComeAsAList() {
    try (NDManager owner = ENGINE.newManager()) {
      NDList both = kernels.callAll(owner, "both", owner.create(1f));
      assertThat(both).hasSize(2);
      assertThat(both.get(0).toFloatArray()).containsExactly(2f);
      assertThat(both.get(1).getDataType()).isEqualTo(DataType.UNKNOWN); // bfloat16
    }
  }

  @Test
  void gradientsFlowThroughAndAddUp() {
    try (NDManager owner = ENGINE.newManager()) {
      NDArray x = owner.create(new float[] {1, 2});
      x.setRequiresGradient(true);
      NDArray weights = owner.create(new float[] {1, 10});
      for (int pass = 0; pass < 2; pass++) {
        NDArray y = Autograd.recording(() -> kernels.call(owner, "scale", x, 3));
        Autograd.backward(y, weights);
      }
      assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(6, 60);
      Autograd.clear(x);
      assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(0, 0);
    }
  }

  @Test
  void aSourceThatDoesNotCompileIsNamedWithTheCompilersMessage() {
    assertThatThrownBy(() -> COMPILER.compile(TorchKernelsTest.class, "broken.py"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("broken.py beside " + TorchKernelsTest.class.getName())
        .hasMessageContaining("undefined value nowhere");
    assertThatThrownBy(() -> COMPILER.compile(TorchKernelsTest.class, "missing.py"))
        .hasMessageContaining("there is no kernel missing.py");
  }

  @Test
  void anArgumentThatIsNeitherTensorNorNumberIsRefused() {
    try (NDManager owner = ENGINE.newManager()) {
      assertThatThrownBy(() -> kernels.call(owner, "scale", owner.create(1f), "2"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a kernel takes tensors and numbers, not java.lang.String");
    }
  }
}
