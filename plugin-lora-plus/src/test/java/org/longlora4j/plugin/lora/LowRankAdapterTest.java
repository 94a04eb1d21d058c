package org.longlora4j.plugin.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.Autograd;
import org.longlora4j.core.tensor.GradientTape;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

class LowRankAdapterTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final LowRankKernels KERNELS =
      new LowRankKernels(SERVICES.compiler(), SERVICES.tapes());
  private static final Kernels FROZEN =
      SERVICES.compiler().compile(LowRankAdapterTest.class, "frozen.py");
  private static final int IN = 6;
  private static final int OUT = 4;

  private final NDManager owner = SERVICES.engine().newManager();

  @AfterEach
  void closeTensors() {
    owner.close();
  }

  @AfterAll
  static void closeServices() {
    SERVICES.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "longlora", "all-linear", "rslora", "dora"})
  void mergesAndAppliesEveryProjectionAsPeftDoes(String adapter) {
    TensorReader reader = new TensorReader(SERVICES.compiler());
    AdapterPlan plan =
        new LoraFormat(KERNELS)
            .read(Golden.config(adapter), new RecordedProblems())
            .plan(Golden.llama(), new RecordedProblems());
    try (SafetensorsFile model = SafetensorsFile.open(Golden.file("model.safetensors"));
        SafetensorsFile file = SafetensorsFile.open(Golden.file(adapter + ".safetensors"))) {
      List<String> merged =
          file.entries().keySet().stream().filter(name -> name.startsWith("merged.")).toList();
      assertThat(merged).hasSizeGreaterThanOrEqualTo(4);
      for (String name : merged) {
        String module = name.substring("merged.".length(), name.length() - ".weight".length());
        NDArray weight = reader.read(model, module + ".weight", Precision.FLOAT32, owner);
        NDArray expected = reader.read(file, name, Precision.FLOAT32, owner);
        ProjectionAdapter wrapped = plan.projections().get(module);
        Map<String, NDArray> parameters = new LinkedHashMap<>();
        wrapped
            .parameters()
            .forEach(
                (parameter, shape) -> {
                  String stored = "base_model.model." + module + "." + parameter;
                  assertThat(file.entries().get(stored).shape()).isEqualTo(shape);
                  parameters.put(parameter, reader.read(file, stored, Precision.FLOAT32, owner));
                });

        assertClose(wrapped.merge(weight, parameters), expected, 1e-6);
        NDArray x = uniform(new Shape(2, 5, weight.getShape().get(1)), 1);
        assertClose(
            wrapped.apply(x, new DenseProjection(weight, FROZEN), parameters, true),
            FROZEN.call(owner, "linear", x, expected),
            1e-5);
      }
    }
  }

  @Test
  void inBfloat16TheMastersStayFloat32AndGetTheirGradients() {
    LowRankAdapter adapter = adapter(8, 16, 0, new Shape(32, 64));
    NDArray weight = uniform(new Shape(32, 64), 1);
    NDArray a = uniform(new Shape(8, 64), 2);
    NDArray b = uniform(new Shape(32, 8), 3);
    NDArray x = uniform(new Shape(1, 16, 64), 4);
    NDArray gradient = uniform(new Shape(1, 16, 32), 5);
    a.setRequiresGradient(true);
    b.setRequiresGradient(true);
    NDArray expected = Autograd.recording(() -> apply(adapter, x, weight, a, b));
    Autograd.backward(expected, gradient);
    NDArray expectedA = Autograd.gradient(a).duplicate();
    NDArray expectedB = Autograd.gradient(b).duplicate();
    Autograd.clear(a);
    Autograd.clear(b);

    NDArray y = Autograd.recording(() -> apply(adapter, bfloat16(x), bfloat16(weight), a, b));
    Autograd.backward(y, bfloat16(gradient));

    assertThat(y.getDataType()).isEqualTo(DataType.UNKNOWN); // DJL's word for bfloat16
    assertClose(FROZEN.call(owner, "to_float32", y), expected, 1e-2);
    assertThat(Autograd.gradient(a).getDataType()).isEqualTo(DataType.FLOAT32);
    assertClose(Autograd.gradient(a), expectedA, 1e-2);
    assertClose(Autograd.gradient(b), expectedB, 1e-2);
  }

  @Test
  void aNewAdapterChangesNothingAndIsDrawnByTheGivenRandomness() {
    LowRankAdapter adapter = adapter(8, 16, 0, new Shape(32, 400));
    NDArray weight = uniform(new Shape(32, 400), 1);
    DenseProjection frozen = new DenseProjection(weight, FROZEN);
    Map<String, NDArray> first = adapter.initialize(frozen, new Random(7), owner);
    Map<String, NDArray> again = adapter.initialize(frozen, new Random(7), owner);
    Map<String, NDArray> other = adapter.initialize(frozen, new Random(8), owner);

    assertThat(first).containsOnlyKeys(adapter.parameters().keySet());
    first.forEach(
        (name, value) -> assertThat(value.getShape()).isEqualTo(adapter.parameters().get(name)));
    float[] drawn = first.get("lora_A.weight").toFloatArray();
    assertThat(again.get("lora_A.weight").toFloatArray()).isEqualTo(drawn);
    assertThat(other.get("lora_A.weight").toFloatArray()).isNotEqualTo(drawn);
    // Kaiming's bound with a = sqrt(5) and 400 inputs is 1/20; a uniform variance is bound² / 3.
    double squares = 0;
    for (float value : drawn) {
      assertThat(value).isBetween(-0.05f, 0.05f);
      squares += value * value;
    }
    assertThat(squares / drawn.length).isCloseTo(0.05 * 0.05 / 3, within(5e-5));
    assertThat(first.get("lora_B.weight").toFloatArray()).containsOnly(0);
    NDArray x = uniform(new Shape(1, 3, 400), 2);
    assertThat(adapter.apply(x, frozen, first, true).toFloatArray())
        .isEqualTo(frozen.apply(x).toFloatArray());
  }

  @Test
  void parametersAreSavedInPeftsOrder() {
    assertThat(adapter(2, 4, 0, new Shape(OUT, IN)).parameters())
        .containsExactly(
            Map.entry("lora_A.weight", new Shape(2, IN)),
            Map.entry("lora_B.weight", new Shape(OUT, 2)));
  }

  @Test
  void dropoutZeroesItsShareOfTheInputAndScalesTheRest() {
    NDArray y = firstFeature(0.25, true);
    float[] values = y.toFloatArray();
    int zeros = 0;
    for (float value : values) {
      assertThat(value).isIn(0f, (float) (1 / 0.75));
      zeros += value == 0 ? 1 : 0;
    }
    assertThat((double) zeros / values.length).isCloseTo(0.25, within(0.02));
    assertThat(firstFeature(0.25, false).toFloatArray()).containsOnly(1);
  }

  /** By hand in a step of training, by autograd otherwise, of the same draws. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.4})
  void gradientsWrittenByHandEqualAutograds(double dropout) {
    LowRankAdapter adapter = adapter(8, 16, dropout, new Shape(32, 64));
    NDArray gradient = uniform(new Shape(2, 9, 32), 5);
    List<NDArray> byHand = leaves();
    SERVICES.engine().seed(3);
    NDArray y;
    try (GradientTape tape = SERVICES.tapes().open(owner)) {
      y = tape.record(() -> apply(adapter, byHand));
      tape.backward(y, gradient);
    }
    List<NDArray> byAutograd = leaves();
    SERVICES.engine().seed(3);
    NDArray expected = Autograd.recording(() -> apply(adapter, byAutograd));
    Autograd.backward(expected, gradient);

    assertClose(y, expected, 1e-6);
    for (int i = 0; i < byHand.size(); i++) {
      assertClose(Autograd.gradient(byHand.get(i)), Autograd.gradient(byAutograd.get(i)), 1e-6);
    }
  }

  /** As {@link LowRank#keptElements} says: the input, which others keep, and the mask. */
  @Test
  void theSumTakesTheFrozenOutputsMemoryAndDropoutAByteAnElement() {
    NDArray x = uniform(new Shape(2, 9, 64), 4);
    NDArray frozen = FROZEN.call(owner, "linear", x, uniform(new Shape(32, 64), 1));
    LowRank product = new LowRank(8, 2, 0.4, new Shape(32, 64));
    NDArray a = uniform(new Shape(8, 64), 2);
    NDArray b = uniform(new Shape(32, 8), 3);
    NDArray sum = KERNELS.add(product, frozen, x, a, b, true);
    assertThat(frozen.toFloatArray()).isEqualTo(sum.toFloatArray());
    assertThat(KERNELS.call(owner, "mask", x, 0.4).getDataType()).isEqualTo(DataType.BOOLEAN);
    assertThat(product.keptElements(18)).isEqualTo(18 * 64 / 2);
    assertThat(new LowRank(8, 2, 0, new Shape(32, 64)).keptElements(18)).isZero();
  }

  /** x, A and B. */
  private List<NDArray> leaves() {
    List<NDArray> leaves =
        List.of(
            uniform(new Shape(2, 9, 64), 4),
            uniform(new Shape(8, 64), 2),
            uniform(new Shape(32, 8), 3));
    leaves.forEach(leaf -> leaf.setRequiresGradient(true));
    return leaves;
  }

  private NDArray apply(LowRankAdapter adapter, List<NDArray> leaves) {
    NDArray weight = uniform(new Shape(32, 64), 1);
    return apply(adapter, leaves.get(0), weight, leaves.get(1), leaves.get(2));
  }

  /** What an adapter that copies the first of six features, all ones, gives on a frozen zero. */
  private NDArray firstFeature(double dropout, boolean training) {
    LowRankAdapter adapter = adapter(1, 1, dropout, new Shape(1, IN));
    NDArray a = owner.create(new float[] {1, 0, 0, 0, 0, 0}, new Shape(1, IN));
    NDArray b = owner.create(new float[] {1}, new Shape(1, 1));
    DenseProjection frozen = new DenseProjection(owner.zeros(new Shape(1, IN)), FROZEN);
    NDArray x = owner.ones(new Shape(2, 5000, IN));
    return adapter.apply(x, frozen, named(a, b), training);
  }

  private static NDArray apply(
      ProjectionAdapter adapter, NDArray x, NDArray weight, NDArray a, NDArray b) {
    return adapter.apply(x, new DenseProjection(weight, FROZEN), named(a, b), true);
  }

  private static Map<String, NDArray> named(NDArray a, NDArray b) {
    return Map.of("lora_A.weight", a, "lora_B.weight", b);
  }

  private static LowRankAdapter adapter(int rank, double alpha, double dropout, Shape weight) {
    return new LowRankAdapter(new LowRank(rank, alpha / rank, dropout, weight), KERNELS);
  }

  private NDArray bfloat16(NDArray x) {
    return FROZEN.call(owner, "to_bfloat16", x);
  }

  private NDArray uniform(Shape shape, long seed) {
    Random random = new Random(seed);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return owner.create(values, shape);
  }

  private static void assertClose(NDArray actual, NDArray expected, double relative) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    float[] a = actual.toFloatArray();
    float[] b = expected.toFloatArray();
    double difference = 0;
    double largest = 0;
    for (int i = 0; i < b.length; i++) {
      difference = Math.max(difference, Math.abs(a[i] - b[i]));
      largest = Math.max(largest, Math.abs(b[i]));
    }
    assertThat(difference / largest).isLessThanOrEqualTo(relative);
  }
}
