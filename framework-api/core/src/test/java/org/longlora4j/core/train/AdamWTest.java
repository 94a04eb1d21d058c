package org.longlora4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;

class AdamWTest {
  private static final AdamW.Options OPTIONS = new AdamW.Options(List.of(0.9, 0.95), 1e-8, 0.1);

  @Test
  void tenStepsEqualThoseOfTorch() {
    try (NDManager owner = SERVICES.engine().newManager();
        TensorFile file = SafetensorsFile.open(Golden.FOLDER.resolve("adamw.safetensors"))) {
      TensorReader reader = new TensorReader(SERVICES.compiler());
      NDArray parameter = reader.read(file, "start", Precision.FLOAT32, owner);
      NDArray gradients = reader.read(file, "grads", Precision.FLOAT32, owner);
      NDArray values = reader.read(file, "values", Precision.FLOAT32, owner);
      float[] rates = reader.read(file, "lr", Precision.FLOAT32, owner).toFloatArray();
      AdamW optimizer = new AdamW(OPTIONS, SERVICES.compiler());
      Map<String, NDArray> state = optimizer.initialState(new Shape(7, 5), owner);
      for (int i = 0; i < 10; i++) {
        try (NDArray gradient = gradients.get(i);
            NDArray expected = values.get(i)) {
          long before = TensorCensus.of(owner);
          optimizer.step(parameter, gradient, state, new Optimizer.Update(i + 1, rates[i], 1));
          assertThat(TensorCensus.of(owner)).isEqualTo(before);
          assertThat(parameter.toFloatArray())
              .as("after step %d", i + 1)
              .containsExactly(expected.toFloatArray(), within(1e-6f));
        }
      }
    }
  }

  @Test
  void aClippedGradientCountsScaled() {
    try (NDManager owner = SERVICES.engine().newManager()) {
      AdamW optimizer = new AdamW(OPTIONS, SERVICES.compiler());
      NDArray clipped = owner.create(new float[] {1, -1});
      NDArray scaled = owner.create(new float[] {1, -1});
      Map<String, NDArray> first = optimizer.initialState(new Shape(2), owner);
      Map<String, NDArray> second = optimizer.initialState(new Shape(2), owner);
      optimizer.step(
          clipped, owner.create(new float[] {8, 4}), first, new Optimizer.Update(1, 0.1, 0.25));
      optimizer.step(
          scaled, owner.create(new float[] {2, 1}), second, new Optimizer.Update(1, 0.1, 1));
      assertThat(clipped.toFloatArray()).containsExactly(scaled.toFloatArray());
      first.forEach(
          (name, moment) ->
              assertThat(moment.toFloatArray()).containsExactly(second.get(name).toFloatArray()));
    }
  }

  @Test
  void decayRatesMustBeTwoAndBelowOne() {
    for (List<Double> betas : List.of(List.of(0.9), List.of(0.9, 1.0), List.of(-0.1, 0.9))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new AdamW.Options(betas, 1e-8, 0))
          .withMessage("betas is " + betas + ", must be two numbers, each at least 0 and below 1");
    }
  }
}
