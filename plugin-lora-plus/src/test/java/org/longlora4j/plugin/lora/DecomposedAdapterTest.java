package org.longlora4j.plugin.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.adapter.FrozenProjection;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

class DecomposedAdapterTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final LowRankKernels KERNELS =
      new LowRankKernels(SERVICES.compiler(), SERVICES.tapes());
  private static final Kernels FROZEN =
      SERVICES.compiler().compile(DecomposedAdapterTest.class, "frozen.py");

  private final NDManager owner = SERVICES.engine().newManager();

  @AfterEach
  void closeTensors() {
    owner.close();
  }

  @AfterAll
  static void closeServices() {
    SERVICES.close();
  }

  /** A frozen projection with a bias. */
  private record Biased(NDArray weight, NDArray offset) implements FrozenProjection {
    @Override
    public NDArray apply(NDArray input) {
      NDArray output = new DenseProjection(weight, FROZEN).apply(input);
      try (output) {
        return output.add(offset);
      }
    }

    @Override
    public Optional<NDArray> bias() {
      return Optional.of(offset);
    }
  }

  @Test
  void outputAndGradientsEqualPefts() {
    Map<String, NDArray> golden = golden();
    DecomposedAdapter adapter = adapter(3, 0);
    Map<String, NDArray> parameters = parameters(golden);
    NDArray x = golden.get("x");
    for (NDArray leaf : List.of(x, golden.get("a"), golden.get("b"), golden.get("magnitude"))) {
      leaf.setRequiresGradient(true);
    }
    FrozenProjection frozen = new Biased(golden.get("weight"), golden.get("bias"));

    NDArray y = Autograd.recording(() -> adapter.apply(x, frozen, parameters, true));
    Autograd.backward(y, golden.get("dy"));

    assertClose(y, golden.get("y"));
    for (String name : List.of("a", "b", "magnitude", "x")) {
      assertClose(Autograd.gradient(golden.get(name)), golden.get("grad." + name));
    }
  }

  @Test
  void dropoutThatDropsNothingChangesNothing() {
    Map<String, NDArray> golden = golden();
    FrozenProjection frozen = new Biased(golden.get("weight"), golden.get("bias"));
    NDArray y = adapter(3, 1e-9).apply(golden.get("x"), frozen, parameters(golden), true);
    assertClose(y, golden.get("y"));
    NDArray used = adapter(3, 0.5).apply(golden.get("x"), frozen, parameters(golden), false);
    assertClose(used, golden.get("y"));
  }

  @Test
  void theMergedWeightDoesTheSameAlone() {
    Map<String, NDArray> golden = golden();
    NDArray merged = adapter(3, 0).merge(golden.get("weight"), parameters(golden));
    assertClose(new Biased(merged, golden.get("bias")).apply(golden.get("x")), golden.get("y"));
  }

  private static DecomposedAdapter adapter(int rank, double dropout) {
    return new DecomposedAdapter(new LowRank(rank, 2.5, dropout, new Shape(4, 6)), KERNELS);
  }

  private static Map<String, NDArray> parameters(Map<String, NDArray> golden) {
    return Map.of(
        "lora_A.weight", golden.get("a"),
        "lora_B.weight", golden.get("b"),
        "lora_magnitude_vector", golden.get("magnitude"));
  }

  private Map<String, NDArray> golden() {
    TensorReader reader = new TensorReader(SERVICES.compiler());
    Map<String, NDArray> golden = new HashMap<>();
    try (SafetensorsFile file =
        SafetensorsFile.open(Golden.file("dora-and-beginnings.safetensors"))) {
      file.entries()
          .keySet()
          .forEach(name -> golden.put(name, reader.read(file, name, Precision.FLOAT32, owner)));
    }
    return golden;
  }

  private static void assertClose(NDArray actual, NDArray expected) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    float largest = expected.abs().max().getFloat();
    assertThat(actual.sub(expected).abs().max().getFloat() / largest).isLessThan(1e-5f);
  }
}
