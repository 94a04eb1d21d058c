package org.longlora4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;

/** Tensors between files and PyTorch, in chunks of a few elements. */
class TensorTransferTest {
  private static final int CHUNK = 4;

  /** Exact in every format, but for the last, which needs more bits than bfloat16 has. */
  private static final float[] VALUES = {
    0f, -0f, 1f, -2.5f, Float.POSITIVE_INFINITY, 0x1p-14f, 96f, -0.1875f, 3f, 0x1.008p0f
  };

  @TempDir private Path folder;

  private Path path() {
    return folder.resolve("x.safetensors");
  }

  private TensorFile file(ElementType type, Shape shape, byte[] content) throws IOException {
    try (SafetensorsWriter file =
        new SafetensorsWriter(path(), Map.of(), Map.of("x", new TensorEntry(type, shape)))) {
      file.begin("x");
      file.write(ByteBuffer.wrap(content));
      file.commit();
    }
    return SafetensorsFile.open(path());
  }

  private static byte[] encode(ElementType type, float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case F64 -> bytes.putDouble(value);
        case F32 -> bytes.putFloat(value);
        case F16 -> bytes.putShort(HalfPrecision.toFloat16(value));
        default -> bytes.putShort(HalfPrecision.toBfloat16(value));
      }
    }
    return bytes.array();
  }

  /** What is left of values when they pass through a format. */
  private static float[] through(boolean bfloat16) {
    float[] values = VALUES.clone();
    for (int i = 0; bfloat16 && i < values.length; i++) {
      values[i] = HalfPrecision.fromBfloat16(HalfPrecision.toBfloat16(values[i]));
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({
    "F64, FLOAT32", "F32, FLOAT32", "F16, FLOAT32", "BF16, FLOAT32",
    "F64, BFLOAT16", "F32, BFLOAT16", "F16, BFLOAT16", "BF16, BFLOAT16",
  })
  void everyFloatingPointFormatIsReadIntoEitherPrecision(ElementType type, Precision precision)
      throws IOException {
    try (NDManager owner = SERVICES.engine().newManager();
        TensorFile file = file(type, new Shape(2, 5), encode(type, VALUES))) {
      NDArray read = new TensorReader(SERVICES.compiler(), CHUNK).read(file, "x", precision, owner);
      assertThat(read.getShape()).isEqualTo(new Shape(2, 5));
      assertThat(read.getDataType() == DataType.FLOAT32).isEqualTo(precision == Precision.FLOAT32);
      assertThat(owner.getManagedArrays()).containsExactly(read);
      assertThat(floats(read, owner))
          .containsExactly(through(type == ElementType.BF16 || precision == Precision.BFLOAT16));
    }
  }

  private static float[] floats(NDArray x, NDManager owner) {
    return SERVICES
        .compiler()
        .compile(TensorReader.class, "transfer.py")
        .call(owner, "get", x, 0, x.size())
        .toFloatArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 7, 8, 9})
  void noElementIsLostAtTheBordersOfChunks(int size) throws IOException {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = i + 1;
    }
    Map<String, TensorEntry> entries =
        Map.of("x", new TensorEntry(ElementType.F32, new Shape(size)));
    try (NDManager owner = SERVICES.engine().newManager()) {
      try (SafetensorsWriter file = new SafetensorsWriter(path(), Map.of(), entries)) {
        file.begin("x");
        new TensorWriter(SERVICES.compiler(), CHUNK)
            .write(owner.create(values), ElementType.F32, file);
        file.commit();
      }
      try (TensorFile file = SafetensorsFile.open(path())) {
        NDArray read =
            new TensorReader(SERVICES.compiler(), CHUNK).read(file, "x", Precision.FLOAT32, owner);
        assertThat(read.toFloatArray()).containsExactly(values);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F64", "F32", "F16", "BF16"})
  void everyFloatingPointFormatIsWritten(ElementType type) throws IOException {
    Map<String, TensorEntry> entries = Map.of("x", new TensorEntry(type, new Shape(5, 2)));
    try (NDManager owner = SERVICES.engine().newManager()) {
      NDArray turned = owner.create(VALUES, new Shape(5, 2));
      try (SafetensorsWriter file = new SafetensorsWriter(path(), Map.of(), entries)) {
        file.begin("x");
        new TensorWriter(SERVICES.compiler(), CHUNK).write(turned, type, file);
        file.commit();
      }
      assertThat(owner.getManagedArrays()).containsExactly(turned);
      try (TensorFile file = SafetensorsFile.open(path())) {
        byte[] written = new byte[VALUES.length * type.bytes()];
        file.bytes("x").get(written);
        assertThat(written).containsExactly(encode(type, VALUES));
      }
    }
  }

  @Test
  void integersWhereFloatsBelongAreRefused() throws IOException {
    try (NDManager owner = SERVICES.engine().newManager();
        TensorFile file = file(ElementType.I8, new Shape(2), new byte[2])) {
      TensorReader reader = new TensorReader(SERVICES.compiler());
      assertThatThrownBy(() -> reader.read(file, "x", Precision.FLOAT32, owner))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(path() + ": tensor x holds I8, must hold F32, F16, BF16 or F64.");
      assertThatThrownBy(() -> reader.read(file, "y", Precision.FLOAT32, owner))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(path() + ": tensor y is missing.");
    }
  }

  @Test
  void integersOf32And64BitsAreRead() throws IOException {
    byte[] four = {1, 0, 0, 0, -1, -1, -1, -1};
    try (TensorFile file = file(ElementType.I32, new Shape(2), four)) {
      assertThat(TensorReader.readIntegers(file, "x")).containsExactly(1, -1);
    }
    byte[] eight = {1, 1, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1};
    try (TensorFile file = file(ElementType.I64, new Shape(2), eight)) {
      assertThat(TensorReader.readIntegers(file, "x")).containsExactly(257, -1);
    }
  }

  @Test
  void otherNumbersWhereTokensBelongAreRefused() throws IOException {
    try (TensorFile file = file(ElementType.F32, new Shape(1), new byte[4])) {
      assertThatThrownBy(() -> TensorReader.readIntegers(file, "x"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(path() + ": tensor x holds F32, must hold I64 or I32.");
    }
    byte[] wide = {0, 0, 0, 0, 1, 0, 0, 0};
    try (TensorFile file = file(ElementType.I64, new Shape(1), wide)) {
      assertThatThrownBy(() -> TensorReader.readIntegers(file, "x"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessage(path() + ": tensor x holds 4294967296, must hold integers of 32 bits.");
    }
  }

  @Test
  void aStateIsRestoredToTheBitIntoTheTensorsItCameFrom() throws IOException {
    try (NDManager owner = SERVICES.engine().newManager()) {
      NDArray parameter = owner.create(VALUES, new Shape(2, 5));
      parameter.setRequiresGradient(true);
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      tensors.put("parameter", parameter);
      tensors.put("step", owner.create(new long[] {1L << 40, -1}));
      tensors.put("count", owner.create(new int[] {7, -7, 1 << 30}));
      tensors.put(
          "packed",
          owner.create(ByteBuffer.wrap(new byte[] {1, -1, 127}), new Shape(3), DataType.UINT8));
      tensors.put("signed", owner.create(new byte[] {-128, 5}));
      TensorState state = new TensorState(SERVICES.compiler());
      state.save(path(), tensors);
      Map<String, ByteBuffer> before = new LinkedHashMap<>();
      tensors.forEach((name, tensor) -> before.put(name, copy(tensor)));
      tensors.values().forEach(tensor -> Autograd.silent(() -> tensor.subi(tensor)));

      state.restore(path(), tensors);

      assertThat(owner.getManagedArrays()).containsExactlyInAnyOrderElementsOf(tensors.values());
      tensors.forEach(
          (name, tensor) -> assertThat(copy(tensor)).as(name).isEqualTo(before.get(name)));
      assertThat(parameter.hasGradient()).isTrue();
    }
  }

  private static ByteBuffer copy(NDArray tensor) {
    ByteBuffer bytes = tensor.toByteBuffer();
    return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
  }

  @Test
  void aStateOfOtherTensorsIsRefusedBeforeAnyIsOverwritten() throws IOException {
    try (NDManager owner = SERVICES.engine().newManager()) {
      TensorState state = new TensorState(SERVICES.compiler());
      NDArray two = owner.create(new float[] {1, 2});
      state.save(path(), Map.of("x", two));
      NDArray three = owner.create(new float[3]);
      NDArray kept = owner.create(new float[2]);
      assertRefused(
          state,
          Map.of("x", three),
          ": tensor x is F32 (2), must be F32 (3): it is another run's.");
      assertRefused(
          state,
          Map.of("x", owner.create(new int[2])),
          ": tensor x is F32 (2), must be I32 (2): it is another run's.");
      assertRefused(
          state,
          Map.of("x", kept, "y", two),
          ": tensor y is missing, must be F32 (2): it is another run's.");
      assertRefused(
          state, Map.of(), " holds tensors that this run does not have: it is another run's.");
      assertThat(kept.toFloatArray()).containsExactly(0, 0);
    }
  }

  private void assertRefused(TensorState state, Map<String, NDArray> tensors, String message) {
    assertThatThrownBy(() -> state.restore(path(), tensors))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(path() + message);
  }
}
