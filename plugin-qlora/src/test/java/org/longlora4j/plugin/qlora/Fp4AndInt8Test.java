package org.longlora4j.plugin.qlora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.TensorReader;
import org.longlora4j.core.tensor.TorchServices;

class Fp4AndInt8Test {
  private static final TorchServices SERVICES = new TorchServices();
  private static final SafetensorsFile FILE = Golden.open("fp4-int8.safetensors");

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

  @Test
  void theLevelsOfFp4AreTheReferencesToTheBit() {
    assertThat(FloatingPoint4.levels()).isEqualTo(floats("fp4.quant_map"));
  }

  @Test
  void theNearestOfFp4sLevelsIsFoundAndZeroKeepsItsSign() {
    float[] levels = FloatingPoint4.levels();
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      float x = random.nextFloat() * 2 - 1;
      float distance = Math.abs(x - levels[FloatingPoint4.nearest(x)]);
      for (float level : levels) {
        assertThat(distance).isLessThanOrEqualTo(Math.abs(x - level));
      }
    }
    assertThat(FloatingPoint4.nearest(0)).isZero();
    assertThat(FloatingPoint4.nearest(1e-4f)).isZero();
    assertThat(FloatingPoint4.nearest(-1e-4f)).isEqualTo(8); // as CUDA's kernel has it
  }

  @ParameterizedTest
  @CsvSource({"square, 64", "tail, 64", "wide, 256"})
  void aWeightIsStoredInFp4AsTheReferenceStoresIt(String name, int blockSize) {
    NDArray values = read("fp4." + name + ".weight");
    FourBitWeight weight =
        new Fp4Quantizer(new FourBitOptions(blockSize, false), SERVICES.compiler())
            .quantize(module(values.getShape()), values, owner);

    assertThat(unsigned(bytes(weight.packed())))
        .isEqualTo(unsigned(Golden.copy(FILE.bytes("fp4." + name + ".packed"))));
    assertThat(((BlockScales.Plain) weight.scales()).absmax().toFloatArray())
        .isEqualTo(floats("fp4." + name + ".absmax"));
    assertThat(dequantized(weight)).isEqualTo(floats("fp4." + name + ".dequantized"));
  }

  /** Codes with one zero. */
  private static byte[] unsigned(byte[] packed) {
    for (int i = 0; i < packed.length; i++) {
      int high = (packed[i] >>> 4) & 15;
      int low = packed[i] & 15;
      packed[i] = (byte) ((high == 8 ? 0 : high) << 4 | (low == 8 ? 0 : low));
    }
    return packed;
  }

  @ParameterizedTest
  @ValueSource(strings = {"square", "odd"})
  void aWeightIsStoredInInt8AsTheReferenceStoresIt(String name) {
    NDArray values = read("int8." + name + ".weight");
    Int8Weight weight = int8(values);

    assertThat(bytes(weight.codes())).isEqualTo(Golden.copy(FILE.bytes("int8." + name + ".CB")));
    assertThat(weight.scales().toFloatArray()).isEqualTo(floats("int8." + name + ".SCB"));
    assertThat(dequantized(weight)).isEqualTo(floats("int8." + name + ".dequantized"));
  }

  @ParameterizedTest
  @CsvSource({"300, 257", "1, 4096", "64, 64", "7, 1"})
  void bothPathsReadTheSameBitsInBothPrecisions(int rows, int columns) {
    NDArray values = gaussian(new Shape(rows, columns));
    Int8Weight int8 = int8(values);
    assertSame(
        int8,
        new Int8Weight(
            int8.codes(),
            int8.scales(),
            new Int8KernelExpansion(new Expansions(SERVICES.compiler()).kernels())));
    FourBitWeight fp4 =
        new Fp4Quantizer(new FourBitOptions(64, true), SERVICES.compiler())
            .quantize(module(values.getShape()), values, owner);
    assertSame(
        fp4,
        new FourBitWeight(
            FourBitCodebook.FP4,
            fp4.shape(),
            fp4.blockSize(),
            fp4.packed(),
            fp4.scales(),
            new KernelExpansion(new Expansions(SERVICES.compiler()).kernels())));
  }

  private void assertSame(QuantizedWeight inJava, QuantizedWeight byKernel) {
    for (Precision precision : Precision.values()) {
      NDArray expected = target(inJava.shape(), precision);
      NDArray actual = target(inJava.shape(), precision);
      byKernel.dequantize(expected, precision);
      inJava.dequantize(actual, precision);
      assertThat(magnitudes(actual, precision)).isEqualTo(magnitudes(expected, precision));
    }
  }

  /** Bits, but for the sign of zero. */
  private byte[] magnitudes(NDArray array, Precision precision) {
    byte[] bits = bytes(array);
    int size = precision.bytes();
    for (int i = 0; i < bits.length; i += size) {
      boolean zero = (bits[i + size - 1] & 0x7f) == 0;
      for (int j = i; j < i + size - 1; j++) {
        zero &= bits[j] == 0;
      }
      bits[i + size - 1] = zero ? 0 : bits[i + size - 1];
    }
    return bits;
  }

  @Test
  void storageTakesWhatIsForetold() {
    Int8Weight weight = int8(gaussian(new Shape(30, 17)));
    assertThat(new Int8Quantizer(SERVICES.compiler()).storedBytes(module(weight.shape())))
        .isEqualTo(weight.codes().size() + weight.scales().size() * Float.BYTES)
        .isEqualTo(30 * 17 + 30 * 4);
  }

  @Test
  void theOwnerHoldsWhatIsStoredAndNothingElse() {
    try (NDManager scope = owner.newSubManager()) {
      NDArray values = gaussian(new Shape(64, 64));
      Int8Weight weight =
          new Int8Quantizer(SERVICES.compiler()).quantize(module(values.getShape()), values, scope);
      weight.dequantize(target(weight.shape(), Precision.BFLOAT16), Precision.BFLOAT16);
      assertThat(scope.getManagedArrays())
          .containsExactlyInAnyOrder(weight.codes(), weight.scales());
    }
  }

  private Int8Weight int8(NDArray values) {
    return new Int8Quantizer(SERVICES.compiler())
        .quantize(module(values.getShape()), values, owner);
  }

  private static ModelModule module(Shape shape) {
    return new ModelModule("model.layers.0.mlp.up_proj", ModelModule.Kind.PROJECTION, shape, false);
  }

  private NDArray read(String name) {
    return new TensorReader(SERVICES.compiler()).read(FILE, name, Precision.FLOAT32, owner);
  }

  private float[] floats(String name) {
    return read(name).toFloatArray();
  }

  private NDArray gaussian(Shape shape) {
    Random random = new Random(3);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.02f;
    }
    return owner.create(values, shape);
  }

  private NDArray target(Shape shape, Precision precision) {
    NDArray float32 = owner.ones(shape);
    return precision == Precision.FLOAT32
        ? float32
        : SERVICES
            .compiler()
            .compile(Fp4AndInt8Test.class, "targets.py")
            .call(owner, "to_bfloat16", float32);
  }

  private float[] dequantized(QuantizedWeight weight) {
    NDArray target = owner.create(weight.shape(), DataType.FLOAT32);
    weight.dequantize(target, Precision.FLOAT32);
    return target.toFloatArray();
  }

  private static byte[] bytes(NDArray array) {
    ByteBuffer memory = array.toByteBuffer(true);
    return Golden.copy(memory);
  }
}
