package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GradientTapeTest {
  private static final TorchServices SERVICES = new TorchServices();

  private final NDManager owner = SERVICES.engine().newManager();

  @AfterEach
  void close() {
    owner.close();
  }

  /** The product of two tensors, with a gradient that counts how often it is asked for. */
  private static final class Product implements KnownGradient {
    private final AtomicInteger forwards = new AtomicInteger();
    private final AtomicInteger backwards = new AtomicInteger();
    private final boolean worthKeeping;

    Product() {
      this(false);
    }

    Product(boolean worthKeeping) {
      this.worthKeeping = worthKeeping;
    }

    @Override
    public boolean isWorthKeeping() {
      return worthKeeping;
    }

    @Override
    public NDArray forward(NDList inputs) {
      forwards.incrementAndGet();
      assertThat(Autograd.isRecording()).isFalse();
      return inputs.get(0).mul(inputs.get(1));
    }

    @Override
    public NDList backward(NDList inputs, NDArray gradient) {
      backwards.incrementAndGet();
      assertThat(Autograd.isRecording()).isFalse();
      return new NDList(gradient.mul(inputs.get(1)), gradient.mul(inputs.get(0)));
    }
  }

  private NDArray leaf(float... values) {
    NDArray leaf = owner.create(values);
    leaf.setRequiresGradient(true);
    return leaf;
  }

  @Test
  void gradientsGoThroughCutsAndThroughWhatAutogradRecorded() {
    Product product = new Product();
    NDArray x = leaf(2, -3);
    NDArray y = leaf(5, 7);
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      // z = (x + y) · y + x, w = z · z
      NDArray w =
          tape.record(
              () -> {
                NDArray z = SERVICES.tapes().compute(product, x.add(y), y).add(x);
                return SERVICES.tapes().compute(product, z, z);
              });
      assertThat(w.toFloatArray()).containsExactly(37 * 37, 25 * 25);
      tape.backward(w, owner.ones(new Shape(2)));
    }
    assertThat(product.backwards).hasValue(2);
    // dw/dx = 2 z (y + 1), dw/dy = 2 z (x + 2 y)
    assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(2 * 37 * 6, 2 * 25 * 8);
    assertThat(Autograd.gradient(y).toFloatArray()).containsExactly(2 * 37 * 12, 2 * 25 * 11);
  }

  @Test
  void aLeafThatIsUsedSeveralTimesAddsUpAllThatCameToIt() {
    Product product = new Product();
    NDArray x = owner.create(new float[] {3});
    NDArray y = leaf(1);
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      tape.watch(x);
      NDArray output =
          tape.record(
              () -> {
                NDArray once = SERVICES.tapes().compute(product, x, y); // 3
                NDArray square = SERVICES.tapes().compute(product, once, once); // 9
                // two results that autograd hands one and the same gradient
                return square.add(once).add(x);
              });
      assertThat(output.toFloatArray()).containsExactly(15);
      tape.backward(output, owner.create(new float[] {1}));
      // x² y² + x y + x
      try (NDArray gradient = tape.gradient(x, owner)) {
        assertThat(gradient.toFloatArray()).containsExactly(8);
      }
    }
    assertThat(Autograd.gradient(y).toFloatArray()).containsExactly(21);
  }

  @Test
  void nothingIsRecordedWhereNoGradientIsWanted() {
    Product product = new Product();
    NDArray x = owner.create(new float[] {2});
    NDArray y = leaf(3);
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      NDArray output =
          tape.record(
              () -> {
                SERVICES.tapes().compute(product, x, x);
                NDArray unused = SERVICES.tapes().compute(product, x, y);
                assertThat(unused.toFloatArray()).containsExactly(6);
                return SERVICES.tapes().compute(product, y, x);
              });
      tape.backward(output, owner.create(new float[] {1}));
    }
    assertThat(product.backwards).hasValue(1);
    assertThat(Autograd.gradient(y).toFloatArray()).containsExactly(2);
    assertThat(SERVICES.tapes().compute(product, x, y).toFloatArray()).containsExactly(6);
  }

  @Test
  void theResultMayBeClosedAndSoMayWhatWentIn() {
    NDArray x = leaf(2);
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      NDArray output =
          tape.record(
              () -> {
                Product product = new Product();
                try (NDArray doubled = x.add(x);
                    NDArray square = SERVICES.tapes().compute(product, doubled, doubled)) {
                  return SERVICES.tapes().compute(product, square, x);
                }
              });
      tape.backward(output, owner.create(new float[] {1}));
    }
    assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(48); // 4 x³
  }

  /** y = (x · x) · x, of which the square is kept. */
  @Test
  void whatIsWorthKeepingIsNotComputedAgain() {
    Product kept = new Product(true);
    Product again = new Product();
    NDArray x = leaf(2);
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      Supplier<NDArray> work =
          () -> {
            try (NDArray square = SERVICES.tapes().compute(kept, x, x)) {
              return SERVICES.tapes().compute(again, square, x);
            }
          };
      assertThat(tape.look(work).toFloatArray()).containsExactly(8);
      assertThat(x.hasGradient()).isTrue();
      NDArray output = tape.record(work);
      assertThat(output.toFloatArray()).containsExactly(8);
      tape.backward(output, owner.create(new float[] {1}));
    }
    assertThat(kept.forwards).hasValue(1);
    assertThat(again.forwards).hasValue(2);
    assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(12); // 3 x²
  }

  @Test
  void closingItClosesAllThatItKept() {
    NDArray x = leaf(2);
    int before = owner.getManagedArrays().size();
    for (int i = 0; i < 3; i++) {
      try (NDManager pass = owner.newSubManager();
          GradientTape tape = SERVICES.tapes().open(pass)) {
        NDArray input = pass.create(new float[] {1});
        tape.look(() -> SERVICES.tapes().compute(new Product(true), input, x));
        tape.record(() -> SERVICES.tapes().compute(new Product(true), input, x));
        tape.look(() -> SERVICES.tapes().compute(new Product(true), input, x));
      }
    }
    assertThat(owner.getManagedArrays()).hasSize(before);
  }

  @Test
  void oneTapeRecordsAtATime() {
    try (GradientTape tape = SERVICES.tapes().open(owner);
        GradientTape other = SERVICES.tapes().open(owner)) {
      assertThatThrownBy(() -> tape.record(() -> other.record(() -> leaf(1))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a tape is in use on this thread");
      assertThat(other.record(() -> leaf(1)).toFloatArray()).containsExactly(1);
    }
  }

  @Test
  void anInputThatNothingWasMadeOfHasNoGradient() {
    NDArray x = owner.create(new float[] {1});
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      tape.watch(x);
      assertThatThrownBy(() -> tape.gradient(x, owner))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("no gradient reached the input");
    }
  }
}
