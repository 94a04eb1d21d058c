package org.longlora4j.plugin.qlora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

class LevelsTest {
  @Test
  void theLevelsAreTheReferencesToTheBit() {
    try (TorchServices services = new TorchServices();
        NDManager owner = services.engine().newManager();
        SafetensorsFile file = Golden.open()) {
      Golden golden =
          new Golden("square_nested", file, new TensorReader(services.compiler()), owner);
      assertThat(NormalFloat4.levels()).isEqualTo(golden.floats("quant_map").toFloatArray());
      assertThat(DynamicMap.levels()).isEqualTo(golden.floats("nested_quant_map").toFloatArray());
    }
  }

  @Test
  void theNearestOfSixteenLevelsIsFound() {
    float[] levels = NormalFloat4.levels();
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      float x = random.nextFloat() * 2 - 1;
      assertThat(NormalFloat4.nearest(x)).isEqualTo(nearest(levels, x));
    }
    for (int code = 0; code < levels.length; code++) {
      assertThat(NormalFloat4.nearest(levels[code])).isEqualTo(code);
    }
    assertThat(levels[NormalFloat4.nearest(0)]).isZero();
  }

  @Test
  void theNearestOf256LevelsIsFound() {
    float[] levels = DynamicMap.levels();
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      float x = (float) Math.pow(random.nextFloat(), 4) * (random.nextBoolean() ? 1 : -1);
      assertThat(DynamicMap.nearest(x)).isEqualTo(nearest(levels, x));
    }
    for (int code = 0; code < levels.length; code++) {
      assertThat(DynamicMap.nearest(levels[code])).isEqualTo(code);
    }
    assertThat(DynamicMap.nearest(-1f)).isZero();
  }

  /** The first of the smallest distances. */
  private static int nearest(float[] levels, float x) {
    int best = 0;
    for (int code = 1; code < levels.length; code++) {
      if (Math.abs((double) x - levels[code]) < Math.abs((double) x - levels[best])) {
        best = code;
      }
    }
    return best;
  }
}
