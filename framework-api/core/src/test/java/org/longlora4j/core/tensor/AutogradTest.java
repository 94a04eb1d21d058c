package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class AutogradTest {
  private static final TorchEngine ENGINE = TorchEngine.start();

  @Test
  void modesNestAndAreRestored() {
    boolean before = JniUtils.isGradMode();
    List<Boolean> modes =
        Autograd.silent(
            () -> {
              boolean outside = JniUtils.isGradMode();
              boolean inside = Autograd.recording(JniUtils::isGradMode);
              return List.of(outside, inside, JniUtils.isGradMode());
            });
    assertThat(modes).containsExactly(false, true, false);
    assertThat(JniUtils.isGradMode()).isEqualTo(before);
  }

  @Test
  void aModeIsRestoredAfterAFailure() {
    boolean before = JniUtils.isGradMode();
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                Autograd.recording(
                    () ->
                        Autograd.silent(
                            () -> {
                              throw new IllegalStateException("stop");
                            })));
    assertThat(JniUtils.isGradMode()).isEqualTo(before);
  }

  @Test
  void aModeHoldsForItsOwnThreadAlone() {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      boolean before = CompletableFuture.supplyAsync(JniUtils::isGradMode, other).join();
      boolean during =
          Autograd.silent(() -> CompletableFuture.supplyAsync(JniUtils::isGradMode, other).join());
      assertThat(during).isEqualTo(before);
    } finally {
      other.shutdown();
    }
  }

  @Test
  void theGradientGivenIsThatOfTheOutput() {
    try (NDManager owner = ENGINE.newManager()) {
      NDArray x = owner.create(new float[] {1, 2, 3});
      x.setRequiresGradient(true);
      NDArray y = Autograd.recording(() -> x.mul(x));
      Autograd.backward(y, owner.create(new float[] {1, 10, 100}));
      assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(2, 40, 600); // 2x times it
    }
  }

  @Test
  void nothingIsRecordedInSilence() {
    try (NDManager owner = ENGINE.newManager()) {
      NDArray x = owner.create(new float[] {1});
      x.setRequiresGradient(true);
      NDArray quiet = Autograd.silent(() -> x.mul(2));
      assertThatThrownBy(() -> Autograd.backward(quiet, quiet.onesLike()))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("does not require grad");
      assertThat(Autograd.gradient(x).toFloatArray()).containsExactly(0);
    }
  }
}
