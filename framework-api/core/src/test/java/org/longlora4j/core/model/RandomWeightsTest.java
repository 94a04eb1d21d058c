package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.tensor.ElementType;

class RandomWeightsTest {
  private static final String MATRIX = "lm_head";
  private static final List<ModelModule> MODULES =
      List.of(
          new ModelModule(MATRIX, Kind.HEAD, new Shape(300, 200), true),
          new ModelModule("model.norm", Kind.NORM, new Shape(200), false));

  private static float[] floats(ByteBuffer bytes) {
    FloatBuffer buffer = bytes.asFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  private static float[] all(long seed, String tensor) {
    try (RandomWeights weights = new RandomWeights(MODULES, ElementType.F32, 0.02, seed)) {
      return floats(weights.bytes(tensor));
    }
  }

  @Test
  void matricesAreNormalWithTheConfiguredDeviation() {
    float[] values = all(1, MATRIX + ".weight");
    double mean = 0;
    double squares = 0;
    for (float value : values) {
      mean += value / values.length;
      squares += (double) value * value / values.length;
    }
    assertThat(mean).isCloseTo(0, within(5 * 0.02 / Math.sqrt(values.length)));
    assertThat(Math.sqrt(squares)).isCloseTo(0.02, within(0.02 * 0.02));
  }

  @Test
  void normsAreOnesAndBiasesZeros() {
    assertThat(all(1, "model.norm.weight")).containsOnly(1);
    assertThat(all(1, MATRIX + ".bias")).hasSize(300).containsOnly(0);
  }

  @Test
  void theSeedDecides() {
    assertThat(all(1, MATRIX + ".weight"))
        .isEqualTo(all(1, MATRIX + ".weight"))
        .isNotEqualTo(all(2, MATRIX + ".weight"));
  }

  @Test
  void anyPartEqualsThatPartOfTheWhole() {
    float[] whole = all(3, MATRIX + ".weight");
    try (RandomWeights weights = new RandomWeights(MODULES, ElementType.F32, 0.02, 3)) {
      for (int start : new int[] {0, 1, 16383, 16384, 40000}) {
        float[] part = floats(weights.bytes(MATRIX + ".weight", start * 4L, 17000 * 4));
        assertThat(part).isEqualTo(Arrays.copyOfRange(whole, start, start + 17000));
      }
    }
  }
}
