package org.longlora4j.plugin.lora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
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

class PrincipalAdapterTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final LowRankKernels KERNELS =
      new LowRankKernels(SERVICES.compiler(), SERVICES.tapes());
  private static final Kernels FROZEN =
      SERVICES.compiler().compile(PrincipalAdapterTest.class, "frozen.py");
  private static final int RANK = 4;
  private static final double SCALING = 2;

  private final NDManager owner = SERVICES.engine().newManager();
  private final NDArray weight = golden("principal.weight"); // (32, 64)

  @AfterEach
  void closeTensors() {
    owner.close();
  }

  @AfterAll
  static void closeServices() {
    SERVICES.close();
  }

  /** A projection that came back from quantization. */
  private record Quantized(NDArray weight, NDArray whole) implements FrozenProjection {
    @Override
    public NDArray apply(NDArray input) {
      return new DenseProjection(weight, FROZEN).apply(input);
    }

    @Override
    public Optional<NDArray> original(NDManager owner) {
      NDArray copy = whole.duplicate();
      copy.attach(owner);
      return Optional.of(copy);
    }

    @Override
    public Optional<NDArray> bias() {
      return Optional.empty();
    }
  }

  @Test
  void pissaBeginsWithTheWeightsBestApproximationAndChangesNothing() {
    PrincipalAdapter adapter = adapter(Initialization.PISSA);
    DenseProjection frozen = new DenseProjection(weight, FROZEN);
    Map<String, NDArray> begun = adapter.initialize(frozen, new Random(1), owner);

    assertClose(product(begun, 0, 1), golden("principal.product"));
    assertClose(product(begun, RANK, 1), golden("principal.product").neg());
    NDArray x = random(new Shape(1, 9, 64), 2);
    assertClose(adapter.apply(x, frozen, begun, true), frozen.apply(x));
    assertClose(adapter.merge(weight, begun), weight);
  }

  @Test
  void loftqBeginsWithWhatQuantizationLost() {
    PrincipalAdapter adapter = adapter(Initialization.LOFTQ);
    assertThat(adapter.beginsWithQuantizationError()).isTrue();
    NDArray quantized = golden("lost.quantized");
    Quantized frozen = new Quantized(quantized, weight);
    Map<String, NDArray> begun = adapter.initialize(frozen, new Random(1), owner);

    assertClose(product(begun, 0, 1), golden("lost.product"));
    NDArray x = random(new Shape(1, 9, 64), 2);
    NDArray nearer = FROZEN.call(owner, "linear", x, quantized.add(golden("lost.product")));
    assertClose(adapter.apply(x, frozen, begun, true), nearer);
    assertClose(adapter.merge(weight, begun), weight);
  }

  @Test
  void onlyTheFirstHalfTrains() {
    for (Initialization initialization :
        new Initialization[] {Initialization.PISSA, Initialization.LOFTQ}) {
      PrincipalAdapter adapter = adapter(initialization);
      NDArray a = random(new Shape(2 * RANK, 64), 3);
      NDArray b = random(new Shape(32, 2 * RANK), 4);
      a.setRequiresGradient(true);
      b.setRequiresGradient(true);
      NDArray x = random(new Shape(1, 9, 64), 5);
      NDArray y =
          Autograd.recording(
              () ->
                  adapter.apply(
                      x,
                      new DenseProjection(weight, FROZEN),
                      Map.of("lora_A.weight", a, "lora_B.weight", b),
                      true));
      Autograd.backward(y, y.onesLike());

      NDArray ofA = Autograd.gradient(a).abs();
      NDArray ofB = Autograd.gradient(b).abs();
      assertThat(ofA.get("0:" + RANK).min().getFloat()).isPositive();
      assertThat(ofA.get(RANK + ":").max().getFloat()).isZero();
      assertThat(ofB.get(":, 0:" + RANK).min().getFloat()).isPositive();
      assertThat(ofB.get(":, " + RANK + ":").max().getFloat()).isZero();
    }
  }

  /** What is saved is read as an ordinary adapter of twice the rank. */
  @Test
  void aTrainedPissaAdapterIsAnOrdinaryOneOverTheWholeWeight() {
    DenseProjection frozen = new DenseProjection(weight, FROZEN);
    PrincipalAdapter adapter = adapter(Initialization.PISSA);
    Map<String, NDArray> trained = adapter.initialize(frozen, new Random(1), owner);
    trained.get("lora_A.weight").get("0:" + RANK).addi(random(new Shape(RANK, 64), 6).mul(0.1));
    LowRankAdapter saved =
        new LowRankAdapter(new LowRank(2 * RANK, SCALING, 0, weight.getShape()), KERNELS);
    NDArray x = random(new Shape(1, 9, 64), 7);
    NDArray expected = adapter.apply(x, frozen, trained, true);
    assertClose(saved.apply(x, frozen, trained, false), expected);
    NDArray merged = saved.merge(weight, trained);
    assertClose(FROZEN.call(owner, "linear", x, merged), expected);
  }

  /** Beyond 1024 rows and columns the factors are found by iteration. */
  @Test
  void aLargeWeightsFactorsAreNearlyTheBest() {
    NDArray up = random(new Shape(1100, 6), 8);
    NDArray down = random(new Shape(6, 1050), 9);
    NDArray noise = random(new Shape(1100, 1050), 10).mul(0.05f);
    NDArray large = up.matMul(down).add(noise);
    PrincipalAdapter adapter =
        new PrincipalAdapter(
            new LowRank(6, SCALING, 0, large.getShape()), Initialization.PISSA, KERNELS);
    Map<String, NDArray> begun =
        adapter.initialize(new DenseProjection(large, FROZEN), new Random(1), owner);
    NDArray rest = large.sub(product(begun, 0, 6.0 / RANK));
    // What is left is noise: its variance is 0.05² / 3, and a rank of 6 takes hardly any of it.
    double squares = rest.mul(rest).sum().getFloat() / rest.size();
    assertThat(squares).isBetween(0.97 * 0.0025 / 3, 1.01 * 0.0025 / 3);
  }

  private NDArray product(Map<String, NDArray> parameters, int begin, double width) {
    int end = begin + (int) Math.round(RANK * width);
    NDArray a = parameters.get("lora_A.weight").get(begin + ":" + end);
    NDArray b = parameters.get("lora_B.weight").get(":, " + begin + ":" + end);
    return b.matMul(a).mul(SCALING);
  }

  private PrincipalAdapter adapter(Initialization initialization) {
    return new PrincipalAdapter(
        new LowRank(RANK, SCALING, 0, new Shape(32, 64)), initialization, KERNELS);
  }

  private NDArray golden(String name) {
    try (SafetensorsFile file =
        SafetensorsFile.open(Golden.file("dora-and-beginnings.safetensors"))) {
      return new TensorReader(SERVICES.compiler()).read(file, name, Precision.FLOAT32, owner);
    }
  }

  private NDArray random(Shape shape, long seed) {
    Random random = new Random(seed);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return owner.create(values, shape);
  }

  private static void assertClose(NDArray actual, NDArray expected) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    float largest = expected.abs().max().getFloat();
    assertThat(actual.sub(expected).abs().max().getFloat() / largest).isLessThan(1e-5f);
  }
}
