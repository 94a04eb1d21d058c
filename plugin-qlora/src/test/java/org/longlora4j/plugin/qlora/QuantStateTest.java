package org.longlora4j.plugin.qlora;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.core.tensor.SafetensorsFile;

class QuantStateTest {
  @ParameterizedTest
  @ValueSource(strings = {"square", "rect_nested", "square_nested", "tail", "zeros_block"})
  void theJsonOfTheReferenceIsReadAndWrittenAgainToTheByte(String name) {
    try (SafetensorsFile file = Golden.open("nf4.safetensors")) {
      String json = UTF_8.decode(file.bytes(name + ".quant_state.bitsandbytes__nf4")).toString();
      QuantState state = QuantState.parse(json);

      assertThat(state.shape()).isEqualTo(file.entries().get(name + ".weight").shape());
      assertThat(state.nestedOffset().isPresent()).isEqualTo(name.endsWith("nested"));
      assertThat(state.toJson()).isEqualTo(json);
    }
  }

  /** Texts are Python's repr of the float32 nearest to the number. */
  @ParameterizedTest
  @CsvSource({
    "0.05, 0.05000000074505806",
    "0.5, 0.5",
    "2, 2.0",
    "0, 0.0",
    "1e-4, 9.999999747378752e-05",
    "1e-3, 0.0010000000474974513",
    "1e-10, 1.000000013351432e-10",
    "1e20, 1.0000000200408773e+20"
  })
  void anOffsetIsWrittenAsPythonWritesIt(float offset, String text) {
    QuantState state =
        new QuantState("nf4", 64, "float32", new Shape(2, 3), OptionalDouble.of(offset));
    assertThat(state.toJson()).endsWith("\"nested_offset\": " + text + "}");
    assertThat(QuantState.parse(state.toJson())).isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"blocksize\": 64' | '\"blocksize\": 48' | has the blocksize 48, must have a power of two",
        "'\"blocksize\": 64' | '\"block\": 64' | does not say its blocksize",
        "256 | 128 | has the nested_blocksize 128, must have 256",
        "64 | many | has a number that cannot be read",
      })
  void whatIsNoStateOrNotSupportedIsRefused(String found, String replaced, String message) {
    String json =
        new QuantState("nf4", 64, "float32", new Shape(2, 3), OptionalDouble.of(1)).toJson();
    assertThatThrownBy(() -> QuantState.parse(json.replace(found, replaced)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void theOrderOfKeysAndSpacesDoNotMatter() {
    QuantState state =
        QuantState.parse(
            "{ \"shape\":[2,3],\"dtype\":\"bfloat16\",\n \"blocksize\":128, \"quant_type\":\"fp4\"}  ");
    assertThat(state)
        .isEqualTo(new QuantState("fp4", 128, "bfloat16", new Shape(2, 3), OptionalDouble.empty()));
  }
}
