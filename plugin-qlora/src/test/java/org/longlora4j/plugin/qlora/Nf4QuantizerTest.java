package org.longlora4j.plugin.qlora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.Kernels;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

class Nf4QuantizerTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final SafetensorsFile FILE = Golden.open();

  private NDManager owner;

  @AfterAll
  static void close() {
    FILE.close();
    SERVICES.close();
  }

  @BeforeEach
  void open() {
    owner = SERVICES.engine().newManager();
  }

  @AfterEach
  void release() {
    owner.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"square", "rect_nested", "square_nested", "tail", "zeros_block"})
  void aWeightIsStoredAsTheReferenceStoresIt(String name) {
    Golden golden = golden(name);
    FourBitWeight weight = quantize(golden.floats("weight"), 64, golden.isNested());

    assertThat(bytes(weight.packed())).isEqualTo(golden.bytes("packed")); // no value lies on a tie
    assertThat(weight.packed().getShape()).isEqualTo(golden.unsigned("packed").getShape());
    if (weight.scales() instanceof BlockScales.Nested nested) {
      assertThat(bytes(nested.codes())).isEqualTo(golden.bytes("absmax"));
      // The mean is a float32 sum, whose last bit depends on the order of summation.
      float bit = Math.ulp(golden.nestedOffset());
      assertThat(nested.offset()).isCloseTo(golden.nestedOffset(), within(bit));
      assertThat(nested.absmax().toFloatArray())
          .containsExactly(golden.floats("nested_absmax").toFloatArray(), within(2 * bit));
    } else {
      assertThat(((BlockScales.Plain) weight.scales()).absmax().toFloatArray())
          .isEqualTo(golden.floats("absmax").toFloatArray());
    }
    assertThat(dequantized(weight))
        .containsExactly(golden.floats("dequantized").toFloatArray(), within(2e-6f));
  }

  @Test
  void ofTheReferencesValuesNoneLiesOnARoundingTie() {
    float[] levels = NormalFloat4.levels();
    int values = 0;
    int ties = 0;
    for (String name : List.of("square", "rect_nested", "square_nested", "tail", "zeros_block")) {
      float[] weight = golden(name).floats("weight").toFloatArray();
      for (int start = 0; start < weight.length; start += 64) {
        int end = Math.min(weight.length, start + 64);
        float largest = 0;
        for (int i = start; i < end; i++) {
          largest = Math.max(largest, Math.abs(weight[i]));
        }
        for (int i = start; i < end; i++, values++) {
          float x = largest == 0 ? 0 : weight[i] * (1 / largest);
          for (int code = 1; code < levels.length; code++) {
            ties += x - levels[code - 1] == levels[code] - x ? 1 : 0;
          }
        }
      }
    }
    assertThat(values).isEqualTo(2 * 128 * 128 + 192 * 320 + 5 * 30 + 4 * 64);
    assertThat(ties).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"square", "square_nested", "rect_nested", "tail", "zeros_block"})
  void whatTheReferenceStoredIsReadBackToTheBit(String name) {
    Golden golden = golden(name);
    float[] expected = golden.floats("dequantized").toFloatArray();

    assertThat(dequantized(golden.stored(new MemoryExpansion()))).isEqualTo(expected);
    assertThat(dequantized(golden.stored(kernelExpansion()))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 64, 64, true",
    "300, 257, 64, true",
    "300, 257, 64, false",
    "3, 5, 64, true",
    "33, 101, 256, true",
    "70, 130, 4096, false",
    "1, 4096, 4096, true"
  })
  void bothPathsReadTheSameBitsInBothPrecisions(
      int rows, int columns, int blockSize, boolean doubleQuantization) {
    NDArray values = gaussian(new Shape(rows, columns));
    FourBitWeight weight = quantize(values, blockSize, doubleQuantization);
    FourBitWeight byKernel =
        new FourBitWeight(
            FourBitCodebook.NF4,
            weight.shape(),
            blockSize,
            weight.packed(),
            weight.scales(),
            kernelExpansion());

    for (Precision precision : Precision.values()) {
      NDArray expected = target(weight.shape(), precision);
      NDArray actual = target(weight.shape(), precision);
      byKernel.dequantize(expected, precision);
      weight.dequantize(actual, precision);
      assertThat(bytes(actual)).isEqualTo(bytes(expected));
    }
    assertThat(dequantized(weight))
        .containsExactly(values.toFloatArray(), within(0.2f * values.abs().max().getFloat()));
  }

  @Test
  void bfloat16IsWhatPyTorchMakesOfTheFloat32Result() {
    FourBitWeight weight = quantize(gaussian(new Shape(128, 256)), 64, true);
    NDArray float32 = target(weight.shape(), Precision.FLOAT32);
    NDArray bfloat16 = target(weight.shape(), Precision.BFLOAT16);
    weight.dequantize(float32, Precision.FLOAT32);
    weight.dequantize(bfloat16, Precision.BFLOAT16);

    assertThat(bytes(bfloat16)).isEqualTo(bytes(targets().call(owner, "to_bfloat16", float32)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWeightOfZerosComesBackAsZeros(boolean doubleQuantization) {
    FourBitWeight weight = quantize(owner.zeros(new Shape(8, 64)), 64, doubleQuantization);

    assertThat(dequantized(weight)).containsOnly(0f);
  }

  @Test
  void storageTakesWhatIsForetold() {
    for (boolean doubleQuantization : new boolean[] {false, true}) {
      Shape shape = new Shape(300, 257);
      FourBitWeight weight = quantize(gaussian(shape), 128, doubleQuantization);
      long scales =
          weight.scales() instanceof BlockScales.Nested nested
              ? nested.codes().size() + nested.absmax().size() * Float.BYTES
              : ((BlockScales.Plain) weight.scales()).absmax().size() * Float.BYTES;

      assertThat(
              quantizer(128, doubleQuantization)
                  .storedBytes(module(ModelModule.Kind.PROJECTION, shape)))
          .isEqualTo(weight.packed().size() + scales);
    }
  }

  @Test
  void aProjectionOfLlama7bTakesAFractionOverFourBitsAnElement() {
    ModelModule module = module(ModelModule.Kind.PROJECTION, new Shape(4096, 4096));

    // QLoRA, section 3: 0.127 bits an element for the scales, instead of 0.5.
    assertThat(quantizer(64, true).storedBytes(module) * 8.0 / (4096 * 4096))
        .isCloseTo(4.127, within(0.001));
    assertThat(quantizer(64, false).storedBytes(module) * 8.0 / (4096 * 4096)).isEqualTo(4.5);
  }

  @Test
  void theOwnerHoldsWhatIsStoredAndNothingElse() {
    NDArray values = gaussian(new Shape(64, 64));
    try (NDManager scope = owner.newSubManager()) {
      FourBitWeight weight = quantizer(64, true).quantize(projection(values), values, scope);
      BlockScales.Nested scales = (BlockScales.Nested) weight.scales();
      assertThat(scope.getManagedArrays())
          .containsExactlyInAnyOrder(weight.packed(), scales.codes(), scales.absmax());

      NDArray target = target(weight.shape(), Precision.BFLOAT16);
      weight.dequantize(target, Precision.BFLOAT16);
      assertThat(scope.getManagedArrays()).hasSize(3);
    }
    assertThat(values.toFloatArray()).isEqualTo(gaussian(new Shape(64, 64)).toFloatArray());
  }

  @ParameterizedTest
  @EnumSource(ModelModule.Kind.class)
  void projectionsAloneAreQuantized(ModelModule.Kind kind) {
    assertThat(quantizer(64, true).quantizes(module(kind, new Shape(64, 64))))
        .isEqualTo(kind == ModelModule.Kind.PROJECTION);
  }

  @Test
  void aTargetOfAnotherShapeOrPrecisionIsRefused() {
    FourBitWeight weight = quantize(gaussian(new Shape(4, 64)), 64, true);

    assertThatThrownBy(
            () -> weight.dequantize(target(new Shape(64, 4), Precision.FLOAT32), Precision.FLOAT32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the target's shape is (64, 4), the weight's is (4, 64)");
    assertThatThrownBy(
            () -> weight.dequantize(target(weight.shape(), Precision.BFLOAT16), Precision.FLOAT32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 512 bytes of memory, expected 1024");
  }

  @Test
  void aWeightOfTwoGibibytesIsRefused() {
    NDArray huge = owner.zeros(new Shape(1, 1)).broadcast(new Shape(1 << 15, 1 << 14));

    assertThatThrownBy(() -> quantize(huge, 64, true))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("model.layers.0.mlp.up_proj has a weight of shape (32768, 16384)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -64, 32, 96, 8192})
  void aBlockSizeThatBitsandbytesDoesNotKnowIsRefused(int blockSize) {
    assertThatThrownBy(() -> new FourBitOptions(blockSize, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "block-size is " + blockSize + ", must be 64, 128, 256, 512, 1024, 2048 or 4096");
  }

  private Golden golden(String name) {
    return new Golden(name, FILE, new TensorReader(SERVICES.compiler()), owner);
  }

  private FourBitWeight quantize(NDArray weight, int blockSize, boolean doubleQuantization) {
    return quantizer(blockSize, doubleQuantization).quantize(projection(weight), weight, owner);
  }

  private static ModelModule projection(NDArray weight) {
    return module(ModelModule.Kind.PROJECTION, weight.getShape());
  }

  private static Expansion<FourBitWeight> kernelExpansion() {
    return new KernelExpansion(new Expansions(SERVICES.compiler()).kernels());
  }

  private static Kernels targets() {
    return SERVICES.compiler().compile(Nf4QuantizerTest.class, "targets.py");
  }

  private NDArray target(Shape shape, Precision precision) {
    NDArray float32 = owner.ones(shape);
    return precision == Precision.FLOAT32 ? float32 : targets().call(owner, "to_bfloat16", float32);
  }

  private NDArray gaussian(Shape shape) {
    Random random = new Random(3);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.02f;
    }
    return owner.create(values, shape);
  }

  private static Nf4Quantizer quantizer(int blockSize, boolean doubleQuantization) {
    return new Nf4Quantizer(new FourBitOptions(blockSize, doubleQuantization), SERVICES.compiler());
  }

  private static ModelModule module(ModelModule.Kind kind, Shape shape) {
    return new ModelModule("model.layers.0.mlp.up_proj", kind, shape, false);
  }

  private float[] dequantized(QuantizedWeight weight) {
    NDArray target = owner.create(weight.shape(), DataType.FLOAT32);
    weight.dequantize(target, Precision.FLOAT32);
    return target.toFloatArray();
  }

  private static byte[] bytes(NDArray array) {
    ByteBuffer memory = array.toByteBuffer(true);
    byte[] copy = new byte[memory.remaining()];
    memory.get(copy);
    return copy;
  }
}
