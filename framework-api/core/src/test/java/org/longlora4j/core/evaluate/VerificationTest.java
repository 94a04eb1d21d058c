package org.longlora4j.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.Golden;
import org.longlora4j.core.TensorCensus;
import org.longlora4j.core.model.CausalLanguageModel;

class VerificationTest {
  private static final Path EXPECTED = Golden.FOLDER.resolve("expected/llama.safetensors");

  @TempDir private Path folder;
  private static CausalLanguageModel model;

  @BeforeAll
  static void load() {
    model = Golden.frozen(Golden.model("llama"), Precision.FLOAT32);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private Path file() {
    return folder.resolve("expected.safetensors");
  }

  private Verification.Result compare(Path expected) {
    return new Verification(SERVICES).compare(model, expected);
  }

  /** The golden logits with one of them replaced. */
  private void write(int index, float value) throws IOException {
    try (TensorFile golden = Golden.expected("llama")) {
      Map<String, TensorEntry> entries = new LinkedHashMap<>(golden.entries());
      entries.keySet().removeIf(name -> !name.equals("input_ids") && !name.equals("logits"));
      Golden.write(
          file(),
          entries,
          Map.of(),
          name -> {
            ByteBuffer bytes =
                ByteBuffer.allocate((int) entries.get(name).bytes())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(golden.bytes(name))
                    .flip();
            return name.equals("logits") ? bytes.putFloat(index * Float.BYTES, value) : bytes;
          });
    }
  }

  @Test
  void theReferencesLogitsAreNear() {
    long before = TensorCensus.of(model.manager());
    Verification.Result result = compare(EXPECTED);
    assertThat(result.relativeDifference()).isBetween(0.0, 1e-4);
    assertThat(result.positions()).isEqualTo(192);
    assertThat(TensorCensus.of(model.manager())).isEqualTo(before);
  }

  @Test
  void oneNumberThatIsFarOffDecides() throws IOException {
    write(150 * 320 + 7, 100);
    Verification.Result result = compare(file());
    assertThat(result.largestDifference()).isCloseTo(100, within(10.0));
    assertThat(result.relativeDifference())
        .isCloseTo(result.largestDifference() / 100, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void aNumberThatIsNotFiniteIsInfinitelyFar(float value) throws IOException {
    write(5, value);
    Verification.Result result = compare(file());
    assertThat(result.largestDifference()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(result.relativeDifference()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  private void assertRefused(Map<String, TensorEntry> tensors, String message) throws IOException {
    Golden.write(file(), Map.of(), tensors, name -> ByteBuffer.allocate(0));
    assertThatThrownBy(() -> compare(file()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file() + message);
  }

  @Test
  void tensorsThatDoNotFitAreRefused() throws IOException {
    TensorEntry ids = new TensorEntry(ElementType.I64, new Shape(1, 4));
    TensorEntry logits = new TensorEntry(ElementType.F32, new Shape(1, 4, 320));
    assertRefused(
        Map.of("input_ids", ids),
        " has no tensor logits; it must have input_ids and logits, and has [input_ids].");
    assertRefused(
        Map.of("input_ids", new TensorEntry(ElementType.I64, new Shape(4)), "logits", logits),
        ": tensor input_ids has the shape (4), must have (rows, length), neither of them 0.");
    assertRefused(
        Map.of("input_ids", new TensorEntry(ElementType.I64, new Shape(1, 0)), "logits", logits),
        ": tensor input_ids has the shape (1, 0), must have (rows, length), neither of them 0.");
    assertRefused(
        Map.of("input_ids", new TensorEntry(ElementType.F32, new Shape(1, 4)), "logits", logits),
        ": tensor input_ids holds F32, must hold I64 or I32.");
    assertRefused(
        Map.of("input_ids", ids, "logits", new TensorEntry(ElementType.F32, new Shape(1, 4, 319))),
        ": tensor logits is F32 (1, 4, 319), must be F32 (1, 4, 320) for this model.");
    assertRefused(
        Map.of("input_ids", ids, "logits", new TensorEntry(ElementType.F16, new Shape(1, 4, 320))),
        ": tensor logits is F16 (1, 4, 320), must be F32 (1, 4, 320) for this model.");
  }
}
