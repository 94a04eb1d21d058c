package org.longlora4j.plugin.qlora;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedWeight;
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
  @ValueSource(strings = {"square", "square_nested", "rect_nested", "tail", "zeros_block"})
  void aWeightIsStoredAsTheReferenceStoresIt(String name) {
    Golden golden = golden(name);
    Nf4Weight weight = quantize(golden.floats("weight"), 64, golden.isNested());

    assertThat(bytes(weight.packed()))
        .as("no value lies on a tie")
        .isEqualTo(golden.bytes("packed"));
    assertThat(weight.packed().getShape()).isEqualTo(golden.unsigned("packed").getShape());
    if (weight.scales() instanceof BlockScales.Nested nested) {
      assertThat(bytes(nested.codes())).isEqualTo(golden.bytes("absmax"));
      // The mean is a float32 sum, whose last bit is a matter of the order of summation.
      float lastBit = Math.ulp(golden.nestedOffset());
      assertThat(nested.offset())
          .isBetween(golden.nestedOffset() - lastBit, golden.nestedOffset() + lastBit);
      assertThat(nested.absmax().toFloatArray())
          .usingComparatorWithPrecision(2 * lastBit)
          .containsExactly(golden.floats("nested_absmax").toFloatArray());
    } else {
      assertThat(((BlockScales.Plain) weight.scales()).absmax().toFloatArray())
          .isEqualTo(golden.floats("absmax").toFloatArray());
    }
    assertThat(dequantized(weight))
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(golden.floats("dequantized").toFloatArray());
  }

  private Golden golden(String name) {
    return new Golden(name, FILE, new TensorReader(SERVICES.compiler()), owner);
  }

  private Nf4Weight quantize(NDArray weight, int blockSize, boolean doubleQuantization) {
    ModelModule module = module(ModelModule.Kind.PROJECTION, weight.getShape());
    return (Nf4Weight) quantizer(blockSize, doubleQuantization).quantize(module, weight, owner);
  }

  private static Nf4Quantizer quantizer(int blockSize, boolean doubleQuantization) {
    return new Nf4Quantizer(new Nf4Options(blockSize, doubleQuantization), SERVICES.compiler());
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
    byte[] copy = new byte[(int) array.size()];
    Memory.of(array, copy.length).get(copy);
    return copy;
  }
}
