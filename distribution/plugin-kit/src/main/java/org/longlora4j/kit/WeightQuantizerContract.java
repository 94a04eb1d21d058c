package org.longlora4j.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.longlora4j.kit.KitKernels.KERNELS;
import static org.longlora4j.kit.KitKernels.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.quantization.QuantizedStorage;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.TensorCensus;

/**
 * What every weight quantizer promises, and the format that reads its checkpoints, if it writes
 * any. Those shapes that it does not accept in {@link WeightQuantizer#quantizes} are not tried; a
 * quantizer that accepts none has only its run to show.
 */
public abstract class WeightQuantizerContract extends ExtensionContract<WeightQuantizer> {
  /** Checks quantizers. */
  protected WeightQuantizerContract() {
    super(WeightQuantizer.class);
  }

  /** The shapes to be tried: square, of odd sides, one row, one column, unless overridden. */
  protected List<Shape> shapes() {
    return List.of(
        new Shape(64, 64),
        new Shape(96, 32),
        new Shape(33, 101),
        new Shape(1, 256),
        new Shape(130, 1));
  }

  /**
   * How far a weight of normal numbers may lie from what is read back: root of the mean square, as
   * a part of the weight's own; 0.12 unless overridden, which 4 bits in blocks of 64 keep to.
   */
  protected double tolerance() {
    return 0.12;
  }

  /** Whether nothing at all is quantized; something is unless overridden. */
  protected boolean quantizesNothing() {
    return false;
  }

  @Override
  final Map<String, String> recipe(String section) {
    return Map.of("quantization", section, "adapter", NormsOnly.NAME);
  }

  private static ModelModule module(Shape shape) {
    return new ModelModule("model.layers.0.mlp.up_proj", ModelModule.Kind.PROJECTION, shape, false);
  }

  /** Something to try with a weight of a shape that is quantized. */
  @FunctionalInterface
  private interface Trial {
    void accept(WeightQuantizer quantizer, ModelModule module, NDManager owner);
  }

  private void tryEach(Trial trial) {
    WeightQuantizer quantizer = extension();
    for (Shape shape : shapes()) {
      ModelModule module = module(shape);
      if (quantizer.quantizes(module)) {
        try (NDManager owner = SERVICES.engine().newManager()) {
          trial.accept(quantizer, module, owner);
        }
      }
    }
  }

  private static NDArray weight(ModelModule module, NDManager owner) {
    return new Drawn(17).normal(owner, module.weight(), 0.02);
  }

  private static float[] readBack(QuantizedWeight stored, Precision precision, NDManager owner) {
    try (NDManager scope = owner.newSubManager()) {
      NDArray numbers = scope.full(stored.shape(), Float.NaN, DataType.FLOAT32);
      NDArray target =
          precision == Precision.FLOAT32 ? numbers : KERNELS.asBfloat16(scope, numbers);
      long before = TensorCensus.of(owner);
      stored.dequantize(target, precision);
      assertThat(TensorCensus.of(owner)).as("tensors alive after dequantize()").isEqualTo(before);
      return KERNELS.asFloat32(scope, target).toFloatArray();
    }
  }

  @Test
  void somethingIsQuantizedUnlessThatIsDeclared() {
    WeightQuantizer quantizer = extension();
    assertThat(shapes().stream().anyMatch(shape -> quantizer.quantizes(module(shape))))
        .as("whether quantizes() accepts a projection of one of %s", shapes())
        .isEqualTo(!quantizesNothing());
  }

  @Test
  void whatIsReadBackIsNearTheWeight() {
    tryEach(
        (quantizer, module, owner) -> {
          NDArray weight = weight(module, owner);
          float[] read =
              readBack(quantizer.quantize(module, weight, owner), Precision.FLOAT32, owner);
          float[] original = weight.toFloatArray();
          double error = 0;
          double square = 0;
          for (int i = 0; i < original.length; i++) {
            error += Math.pow(read[i] - original[i], 2);
            square += Math.pow(original[i], 2);
          }
          assertThat(Math.sqrt(error / square))
              .as("the root mean square error of a weight of shape %s, as a part", module.weight())
              .isLessThanOrEqualTo(tolerance());
        });
  }

  @Test
  void theOwnerHoldsWhatIsStoredAndNothingElse() {
    tryEach(
        (quantizer, module, owner) -> {
          NDArray weight = weight(module, owner);
          float[] before = weight.toFloatArray();
          NDManager store = owner.newSubManager();
          QuantizedWeight stored = quantizer.quantize(module, weight, store);

          assertThat(stored.shape()).as("shape()").isEqualTo(module.weight());
          assertThat(weight.toFloatArray()).as("the weight after quantize()").isEqualTo(before);
          long bytes =
              store.getManagedArrays().stream().mapToLong(WeightQuantizerContract::bytes).sum();
          assertThat(TensorCensus.of(store))
              .as("tensors in managers below the owner, which no one closes")
              .isEqualTo(store.getManagedArrays().size());
          assertThat(quantizer.storedBytes(module))
              .as(
                  "storedBytes() of a weight of shape %s, against the tensors stored",
                  module.weight())
              .isEqualTo(bytes);
          assertThat(quantizer.scaleBytes(module))
              .as("scaleBytes(), which are some of %d storedBytes()", bytes)
              .isBetween(0L, bytes - 1);
          store.close();
          assertThat(TensorCensus.of(owner))
              .as("tensors alive after the store was closed: the weight alone")
              .isEqualTo(1);
        });
  }

  /** DJL does not know bfloat16, and says so. */
  private static long bytes(NDArray tensor) {
    DataType type = tensor.getDataType();
    return tensor.size() * (type == DataType.UNKNOWN ? 2 : type.getNumOfBytes());
  }

  @Test
  void aCheckpointKeepsWhatTheStorageForetells() {
    tryEach(
        (quantizer, module, owner) ->
            quantizer
                .storage()
                .ifPresent(
                    storage -> {
                      QuantizedStorage.Layout layout = storage.layout(module);
                      QuantizedWeight stored =
                          quantizer.quantize(module, weight(module, owner), owner);
                      QuantizedStorage.Contents contents =
                          storage.contents(module, stored, ElementType.F32, owner);
                      assertThat(contents.texts().keySet()).isEqualTo(layout.texts());
                      assertThat(contents.tensors().keySet()).isEqualTo(layout.tensors().keySet());
                      layout
                          .tensors()
                          .forEach(
                              (name, entry) ->
                                  assertThat(contents.tensors().get(name).getShape())
                                      .as("the shape of %s", name)
                                      .isEqualTo(entry.shape()));
                    }));
  }

  @Test
  void aFormatReadsWhatACheckpointKeepsToTheSameBits() {
    tryEach(
        (quantizer, module, owner) ->
            quantizer
                .storage()
                .map(storage -> new KeptWeight(module, storage, folder().resolve("kept")))
                .ifPresent(kept -> assertReadBack(kept, quantizer, weight(module, owner), owner)));
  }

  private void assertReadBack(
      KeptWeight kept, WeightQuantizer quantizer, NDArray weight, NDManager owner) {
    try {
      QuantizedWeight made = quantizer.quantize(kept.module(), weight, owner);
      kept.write(made, owner);
      QuantizedWeight read = kept.read(registry(), RecipeSection.of(section()).name(), owner);
      assertThat(readBack(read, Precision.FLOAT32, owner))
          .as("a weight of shape %s from a checkpoint", kept.module().weight())
          .isEqualTo(readBack(made, Precision.FLOAT32, owner));
      Files.delete(kept.file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void quantizingAndReadingBackGiveTheSameBitsEveryTime() {
    tryEach(
        (quantizer, module, owner) -> {
          NDArray weight = weight(module, owner);
          QuantizedWeight stored = quantizer.quantize(module, weight, owner);
          QuantizedWeight again = quantizer.quantize(module, weight, owner);
          float[] first = readBack(stored, Precision.FLOAT32, owner);
          assertThat(readBack(stored, Precision.FLOAT32, owner))
              .as("read back twice")
              .isEqualTo(first);
          assertThat(readBack(again, Precision.FLOAT32, owner))
              .as("quantized twice")
              .isEqualTo(first);
        });
  }

  @Test
  void bfloat16IsTheRoundedFloat32() {
    tryEach(
        (quantizer, module, owner) -> {
          QuantizedWeight stored = quantizer.quantize(module, weight(module, owner), owner);
          NDArray float32 = owner.create(readBack(stored, Precision.FLOAT32, owner));
          NDArray rounded = KERNELS.asFloat32(owner, KERNELS.asBfloat16(owner, float32));
          assertThat(readBack(stored, Precision.BFLOAT16, owner)).isEqualTo(rounded.toFloatArray());
        });
  }

  @Test
  void zerosComeBackAsZerosAndAnOutlierSpoilsNoNumber() {
    tryEach(
        (quantizer, module, owner) -> {
          NDArray zeros = owner.zeros(module.weight());
          for (float number :
              readBack(quantizer.quantize(module, zeros, owner), Precision.FLOAT32, owner)) {
            assertThat(number).as("a zero, read back").isZero();
          }
          float[] numbers = weight(module, owner).toFloatArray();
          numbers[0] = 1e4f;
          NDArray outlier = owner.create(numbers, module.weight());
          float[] read =
              readBack(quantizer.quantize(module, outlier, owner), Precision.FLOAT32, owner);
          for (float number : read) {
            assertThat(number).as("a number beside an outlier, read back").isFinite();
          }
          assertThat(read[0]).as("the outlier, read back").isBetween(0.8e4f, 1.2e4f);
        });
  }
}
