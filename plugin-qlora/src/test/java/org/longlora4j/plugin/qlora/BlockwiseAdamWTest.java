package org.longlora4j.plugin.qlora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.core.train.AdamW;

class BlockwiseAdamWTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final List<Double> BETAS = List.of(0.9, 0.95);

  private final NDManager owner = SERVICES.engine().newManager();
  private final Random random = new Random(1);
  private final BlockwiseAdamW.Options options = new BlockwiseAdamW.Options(BETAS, 1e-8, 0.1);
  private final Optimizer narrow = new BlockwiseAdamW(options, SERVICES.compiler());
  private final Optimizer wide =
      new AdamW(new AdamW.Options(BETAS, 1e-8, 0.1), SERVICES.compiler());

  @AfterEach
  void close() {
    owner.close();
  }

  @AfterAll
  static void end() {
    SERVICES.close();
  }

  private NDArray normal(long size, double deviation) {
    float[] values = new float[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return owner.create(values);
  }

  private static Optimizer.Update update(int step) {
    return new Optimizer.Update(step, 1e-3, 0.5);
  }

  /**
   * The levels by bitsandbytes' {@code create_dynamic_map(signed=False)}: in each of seven decades
   * the middles of 2, 4, … 128 equal parts of [0.1, 1], and 0 and 1.
   */
  @Test
  void theLevelsOfTheSecondMomentAreThosePublished() {
    double[] expected = new double[256];
    int count = 1;
    for (int i = 0; i < 7; i++) {
      int parts = 2 << i;
      for (int part = 0; part < parts; part++) {
        expected[count++] = Math.pow(10, i - 6) * (0.1 + 0.9 * (part + 0.5) / parts);
      }
    }
    expected[count] = 1;
    float[] levels = MomentCodes.UNSIGNED.levels();

    assertThat(count).isEqualTo(255);
    for (int code = 0; code < levels.length; code++) {
      assertThat((double) levels[code]).isCloseTo(expected[code], within(expected[code] * 3e-7));
    }
  }

  @Test
  void theNearestLevelIsFound() {
    for (MomentCodes codes : List.of(MomentCodes.SIGNED, MomentCodes.UNSIGNED)) {
      float[] levels = codes.levels();
      for (int code = 0; code < levels.length; code++) {
        assertThat(codes.nearest(levels[code])).isEqualTo(code);
      }
      for (int i = 0; i < 20_000; i++) {
        float x = (float) Math.pow(random.nextFloat(), 5);
        int found = codes.nearest(x);
        for (int beside : new int[] {Math.max(0, found - 1), Math.min(255, found + 1)}) {
          assertThat(Math.abs(x - levels[found])).isLessThanOrEqualTo(Math.abs(x - levels[beside]));
        }
      }
    }
  }

  /** The widest gap of a map is in its last decade, between neighbours or below 1. */
  @Test
  void aBlockComesBackWithinHalfTheWidestGap() {
    float[] values = new float[BlockwiseAdamW.BLOCK_SIZE];
    float[] back = new float[values.length];
    byte[] codes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    float absmax = MomentCodes.SIGNED.encode(values, codes, values.length);
    MomentCodes.SIGNED.decode(codes, absmax, back, values.length);

    for (int i = 0; i < values.length; i++) {
      assertThat(back[i]).isCloseTo(values[i], within(absmax * (float) (0.9 / 64 / 2 * 1.001)));
    }
    for (int i = 0; i < values.length; i++) {
      values[i] *= values[i];
    }
    absmax = MomentCodes.UNSIGNED.encode(values, codes, values.length);
    MomentCodes.UNSIGNED.decode(codes, absmax, back, values.length);
    for (int i = 0; i < values.length; i++) {
      assertThat(back[i]).isCloseTo(values[i], within(absmax * (float) (0.9 / 128 / 2 * 1.001)));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4095, 4096, 5000, 1 << 16})
  void theStateTakesTheBytesItSays(long size) {
    Shape shape = new Shape(size);
    long bytes =
        narrow.initialState(shape, owner).values().stream()
            .mapToLong(tensor -> tensor.size() * tensor.getDataType().getNumOfBytes())
            .sum();

    assertThat(narrow.stateBytes(shape)).isEqualTo(bytes);
    long blocks = (size + 255) / 256;
    assertThat(bytes).isEqualTo(size < 4096 ? 8 * size : 2 * size + 2 * 4 * blocks);
  }

  @Test
  void smallParametersMoveAsUnder32Bits() {
    NDArray parameter = normal(4095, 1);
    NDArray other = parameter.duplicate();
    Map<String, NDArray> state = narrow.initialState(parameter.getShape(), owner);
    Map<String, NDArray> otherState = wide.initialState(other.getShape(), owner);
    for (int step = 1; step <= 20; step++) {
      NDArray gradient = normal(4095, 0.1);
      narrow.step(parameter, gradient, state, update(step));
      wide.step(other, gradient, otherState, update(step));
    }

    assertThat(largest(parameter.sub(other))).isLessThan(1e-6f);
  }

  @Test
  void largeParametersMoveNearlyAsUnder32Bits() {
    NDArray start = normal(10_000, 1);
    NDArray parameter = start.duplicate();
    NDArray other = start.duplicate();
    Map<String, NDArray> state = narrow.initialState(parameter.getShape(), owner);
    Map<String, NDArray> otherState = wide.initialState(other.getShape(), owner);
    NDArray trend = normal(10_000, 0.1);
    for (int step = 1; step <= 50; step++) {
      NDArray gradient = trend.add(normal(10_000, 0.02));
      narrow.step(parameter, gradient, state, update(step));
      wide.step(other, gradient, otherState, update(step));
    }

    float moved = other.sub(start).square().mean().getFloat();
    float apart = parameter.sub(other).square().mean().getFloat();
    assertThat(apart).isPositive().isLessThan(moved * 0.01f);
  }

  @ParameterizedTest
  @ValueSource(longs = {300, 4096, 5001})
  void onTensorMemoryAStepDoesWhatTheKernelDoes(long size) {
    KernelUpdate kernel =
        new KernelUpdate(SERVICES.compiler().compile(BlockwiseAdamW.class, "adamw8.py"));
    NDArray parameter = normal(size, 1);
    NDArray other = parameter.duplicate();
    Map<String, NDArray> state = narrow.initialState(parameter.getShape(), owner);
    Map<String, NDArray> otherState = narrow.initialState(other.getShape(), owner);
    for (int step = 1; step <= 5; step++) {
      NDArray gradient = normal(size, 0.1);
      AdamWStep numbers = AdamWStep.of(options, update(step));
      narrow.step(parameter, gradient, state, update(step));
      Autograd.silent(
          () -> {
            kernel.update(other, gradient, otherState, numbers);
            return null;
          });
    }

    // A code may be the next one where a number lies between two levels.
    assertThat(largest(parameter.sub(other))).isLessThan(1e-4f);
    state.forEach(
        (name, tensor) ->
            assertThat(tensor.getShape()).as(name).isEqualTo(otherState.get(name).getShape()));
    assertThat(other.sub(parameter).abs().mean().getFloat()).isLessThan(1e-6f);
  }

  @Test
  void aBlockOfZerosStaysOne() {
    NDArray parameter = normal(4096, 1);
    NDArray before = parameter.duplicate();
    BlockwiseAdamW still =
        new BlockwiseAdamW(new BlockwiseAdamW.Options(BETAS, 1e-8, 0), SERVICES.compiler());
    Map<String, NDArray> state = still.initialState(parameter.getShape(), owner);
    for (int step = 1; step <= 3; step++) {
      still.step(parameter, owner.zeros(parameter.getShape()), state, update(step));
    }

    assertThat(parameter.toFloatArray()).isEqualTo(before.toFloatArray());
  }

  private static float largest(NDArray x) {
    return x.abs().max().getFloat();
  }
}
