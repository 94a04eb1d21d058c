package org.longlora4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.DynamicNtkScaling;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.Llama3Scaling;
import org.longlora4j.api.position.LongRopeScaling;
import org.longlora4j.api.position.NtkAwareScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.api.position.RotaryScalings;
import org.longlora4j.api.position.UnscaledRotary;
import org.longlora4j.core.Golden;

class ModelConfigTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("config.json");
  }

  /** The golden model's config.json, changed. */
  private ModelConfig read(String model, Consumer<ObjectNode> change) throws IOException {
    ObjectNode json =
        (ObjectNode) JSON.readTree(Golden.model(model).resolve("config.json").toFile());
    change.accept(json);
    Files.writeString(file(), json.toString());
    return ModelConfig.read(folder);
  }

  private ModelConfig llama(Consumer<ObjectNode> change) throws IOException {
    return read("llama", change);
  }

  private static void put(ObjectNode json, String key, String value) {
    try {
      json.set(key, JSON.readTree(value));
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private void assertRefused(Consumer<ObjectNode> change, String... messages) {
    assertThatThrownBy(() -> llama(change))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(String.join("\n", Stream.of(messages).map(m -> file() + ": " + m).toList()));
  }

  @Test
  void everyNumberIsReadFromItsKey() throws IOException {
    ModelConfig config = llama(json -> {});
    assertThat(config.modelType()).isEqualTo("llama");
    assertThat(
            List.of(
                config.hiddenSize(),
                config.intermediateSize(),
                config.layers(),
                config.heads(),
                config.keyValueHeads(),
                config.headDim(),
                config.vocabularySize()))
        .containsExactly(64, 176, 3, 4, 2, 16, 320);
    assertThat(config.tied()).isFalse();
    assertThat(config.slidingWindow()).isEmpty();
  }

  @Test
  void headDimAndKeyValueHeadsFollowFromTheOthersWhenAbsent() throws IOException {
    ModelConfig config =
        llama(
            json -> {
              json.remove("head_dim");
              json.putNull("num_key_value_heads");
            });
    assertThat(config.headDim()).isEqualTo(16);
    assertThat(config.keyValueHeads()).isEqualTo(4);
  }

  /** The spellings of transformers before 4.45, of 4.45 to 4.57, and of 5. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rope_scaling    | {"type": "linear", "factor": 4.0}                              | 20000
          rope_scaling    | {"rope_type": "linear", "factor": 4.0}                         | 20000
          rope_scaling    | {"rope_type": "linear", "type": "linear", "factor": 4}         | 20000
          rope_parameters | {"rope_type": "linear", "factor": 4.0, "rope_theta": 20000.0}  | 7
          rope_parameters | {"rope_type": "linear", "factor": 4.0}                         | 20000
          """)
  void scalingAndThetaAreReadInEverySpelling(String key, String value, int theta)
      throws IOException {
    ModelConfig config =
        llama(
            json -> {
              json.remove("rope_parameters");
              json.put("rope_theta", theta);
              json.put("max_position_embeddings", 256);
              put(json, key, value);
            });
    assertThat(config.rotary()).isEqualTo(new RotaryEmbedding(16, 20000, 64, new LinearScaling(4)));
  }

  @Test
  void thetaIsTenThousandWhenNoneIsGiven() throws IOException {
    ModelConfig config =
        llama(
            json -> {
              json.remove("rope_parameters");
              json.remove("rope_theta");
              json.put("max_position_embeddings", 64);
            });
    assertThat(config.rotary()).isEqualTo(new RotaryEmbedding(16, 10000, 64, new UnscaledRotary()));
  }

  @Test
  void theOriginalLengthIsReadWhereTheCheckpointTellsIt() throws IOException {
    String yarn = "{\"rope_type\": \"yarn\", \"factor\": 4.0, \"rope_theta\": 10000.0%s}";
    assertThat(
            llama(
                    json -> {
                      put(
                          json,
                          "rope_parameters",
                          yarn.formatted(", \"original_max_position_embeddings\": 48"));
                      json.put("max_position_embeddings", 256);
                    })
                .rotary()
                .originalLength())
        .isEqualTo(48);
    assertThat(
            llama(
                    json -> {
                      put(json, "rope_parameters", yarn.formatted(""));
                      json.put("max_position_embeddings", 256);
                      json.put("original_max_position_embeddings", 32);
                    })
                .rotary()
                .originalLength())
        .isEqualTo(32);
  }

  /** By arXiv:2402.13753: sqrt(1 + ln(256 / 64) / ln(64)), which is sqrt(4 / 3). */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          longrope | true  |            | 1.1547005
          su       | true  |            | 1.1547005
          longrope | false |            | 1.1547005
          longrope | true  | factor     | 1.2247449
          """)
  void longRopesFactorFollowsFromTheLengthsWhenAbsent(
      String type, boolean inside, String given, double attentionFactor) throws IOException {
    ModelConfig config =
        llama(
            json -> {
              put(
                  json,
                  "rope_parameters",
                  "{\"short_factor\": %1$s, \"long_factor\": %1$s}"
                      .formatted("[1, 1, 1, 1, 1, 1, 1, 1]"));
              ObjectNode parameters = (ObjectNode) json.get("rope_parameters");
              parameters.put("rope_type", type);
              (inside ? parameters : json).put("original_max_position_embeddings", 64);
              json.put("max_position_embeddings", 256);
              if (given != null) {
                parameters.put(given, 8);
              }
            });
    assertThat(config.rotary().originalLength()).isEqualTo(64);
    assertThat(config.rotary().frequencies(256).attentionScaling())
        .isCloseTo(attentionFactor, within(1e-6));
  }

  @Test
  void aFileThatIsNoJsonIsRefusedWithLineAndColumn() throws IOException {
    Files.writeString(file(), "{\n  \"model_type\": llama\n}\n");
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file() + ":2:17: Unrecognized token 'llama'");
    Files.writeString(file(), "[]");
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(file() + " is not a JSON object.");
  }

  @Test
  void aFileThatIsMissingIsRefused() {
    assertThatThrownBy(() -> ModelConfig.read(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            file()
                + " does not exist. A model is a Hugging Face checkpoint directory: config.json and"
                + " model.safetensors.");
  }

  @Test
  void allThatIsWrongIsSaidAtOnce() {
    assertRefused(
        json -> {
          json.remove(List.of("hidden_size", "vocab_size"));
          json.put("num_hidden_layers", "three");
          json.put("num_key_value_heads", 3);
          json.put("hidden_act", "gelu");
          json.put("partial_rotary_factor", 0.5);
        },
        "hidden_size: missing, must be a positive whole number",
        "num_key_value_heads: is 3, must be a divisor of num_attention_heads = 4",
        "hidden_act: is \"gelu\", must be silu",
        "partial_rotary_factor: is 0.5, must be 1 for this family",
        "num_hidden_layers: is \"three\", must be a positive whole number",
        "vocab_size: missing, must be a positive whole number");
  }

  @Test
  void anOddHeadDimIsRefused() {
    assertRefused(
        json -> json.put("head_dim", 15),
        "head_dim: is 15, must be even: its halves are turned together");
  }

  static Stream<Arguments> mistakenScalings() {
    return Stream.of(
        Arguments.of("\"linear\"", "is \"linear\", must be an object"),
        Arguments.of("{\"rope_type\": \"linear\", \"factor\": 0.5}", "factor is 0.5"),
        Arguments.of("{\"rope_type\": \"linear\"}", "factor"),
        Arguments.of("{\"rope_type\": \"spiral\", \"factor\": 2}", "spiral"));
  }

  @ParameterizedTest
  @MethodSource("mistakenScalings")
  void aScalingThatCannotBeReadIsRefusedByItsKey(String value, String message) {
    assertThatThrownBy(() -> llama(json -> put(json, "rope_parameters", value)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith(file() + ": rope_parameters: ")
        .hasMessageContaining(message);
  }

  @Test
  void aModelOfAFamilyThatNoOneBindsIsRefusedWithTheMend() {
    assertRefused(
        json -> json.put("model_type", "bloom"),
        "model_type: is 'bloom', must be of a family that is known here: gpt-neox, llama, mistral,"
            + " qwen2, where hyphens stand for underscores too. A plugin adds one by binding a"
            + " ModelFamily under its name.");
  }

  @Test
  void anotherUseOfAFamilysDecoderIsRefused() {
    assertRefused(
        json -> json.putArray("architectures").add("LlamaForSequenceClassification"),
        "architectures: is LlamaForSequenceClassification, must be LlamaForCausalLM for model_type"
            + " llama.");
  }

  @Test
  void weightsThatAreDrawnAreNotQuantized() {
    Map<String, Object> keys =
        Map.of("model_type", "llama", "quantization_config", Map.of("quant_method", "gptq"));
    assertThatThrownBy(() -> ModelConfig.of(keys, Path.of("recipe.yaml"), "model.init"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "recipe.yaml: model.init.quantization_config: must not be there: weights that are drawn"
                + " are floats. Remove it.");
  }

  @Test
  void qwen2LooksAtItsSlidingWindowOnlyWhenItSaysSo() throws IOException {
    Consumer<ObjectNode> window = json -> json.put("sliding_window", 32);
    assertThat(read("qwen2", window).slidingWindow()).isEmpty();
    assertThat(
            read("qwen2", window.andThen(json -> json.put("use_sliding_window", true)))
                .slidingWindow())
        .hasValue(32);
  }

  @Test
  void mistralsSlidingWindowIsHonouredByRefusingWhatGoesBeyondIt() throws IOException {
    ModelConfig windowed = read("mistral", json -> json.put("sliding_window", 32));
    assertThatCode(() -> windowed.requireWithinSlidingWindow(32)).doesNotThrowAnyException();
    assertThatThrownBy(() -> windowed.requireWithinSlidingWindow(33))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            file()
                + ": sliding_window is 32, but 33 tokens are wanted. Sliding windows are not"
                + " supported: keep to the window, or remove the key if the model was trained"
                + " without it.");
    ModelConfig plain = read("mistral", json -> json.putNull("sliding_window"));
    assertThatCode(() -> plain.requireWithinSlidingWindow(1 << 20)).doesNotThrowAnyException();
  }

  static Stream<Arguments> scalings() {
    return Stream.of(
        Arguments.of(new LinearScaling(4), 200),
        Arguments.of(
            RotaryScalings.fromConfig(
                Map.of("rope_type", "yarn", "factor", 4.0, "original_max_position_embeddings", 64)),
            200),
        Arguments.of(new Llama3Scaling(8, 1, 4, 64), 200),
        Arguments.of(
            new LongRopeScaling(
                List.of(1., 1., 1., 1., 1., 1., 1., 1.),
                List.of(2., 2., 2., 2., 2., 2., 2., 2.),
                Optional.of(4.),
                Optional.empty(),
                Optional.of(64)),
            200),
        Arguments.of(new DynamicNtkScaling(4), 64));
  }

  @ParameterizedTest
  @MethodSource("scalings")
  void anExtendedConfigSaysItsScalingInBothSpellings(RotaryScaling scaling, int positions)
      throws IOException {
    ModelConfig original =
        llama(
            json -> {
              put(json, "rope_parameters", "{\"rope_type\": \"default\", \"rope_theta\": 5000.0}");
              json.put("max_position_embeddings", 64);
            });
    ModelConfig extended = original.extended(scaling, 200);
    JsonNode json = extended.json();
    assertThat(json.path("max_position_embeddings").asInt()).isEqualTo(positions);
    assertThat(extended.maxPositions()).isEqualTo(positions);
    assertThat(json.path("rope_theta").asDouble()).isEqualTo(5000);
    JsonNode current = json.path("rope_parameters");
    JsonNode older = json.path("rope_scaling");
    String type = (String) scaling.parameters().get("rope_type");
    assertThat(current.path("rope_theta").asDouble()).isEqualTo(5000);
    assertThat(current.path("rope_type").asText()).isEqualTo(type);
    assertThat(older.path("rope_type").asText()).isEqualTo(type);
    assertThat(older.path("type").asText()).isEqualTo(type);
    assertThat(original.json().has("rope_scaling")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rope_parameters", "rope_scaling"})
  void anExtendedConfigIsReadBackFromEitherSpellingAlone(String kept) throws IOException {
    RotaryScaling scaling = new LinearScaling(4);
    ModelConfig original =
        llama(
            json -> {
              put(json, "rope_parameters", "{\"rope_type\": \"default\", \"rope_theta\": 5000.0}");
              json.put("max_position_embeddings", 64);
            });
    ObjectNode json = original.extended(scaling, 256).json();
    json.remove(kept.equals("rope_scaling") ? "rope_parameters" : "rope_scaling");
    Files.writeString(file(), json.toString());
    assertThat(ModelConfig.read(folder).rotary())
        .isEqualTo(new RotaryEmbedding(16, 5000, 64, scaling));
  }

  @Test
  void theOriginalLengthIsReadBackWhereTheFactorWasRoundedUp() throws IOException {
    ModelConfig extended = ofLength(64).extended(new LinearScaling(2), 100);
    Files.writeString(file(), extended.json().toString());
    ModelConfig read = ModelConfig.read(folder);
    assertThat(read.maxPositions()).isEqualTo(100);
    assertThat(read.rotary()).isEqualTo(new RotaryEmbedding(16, 5000, 64, new LinearScaling(2)));
  }

  @Test
  void aLengthWithinTheOriginalOneTakesNothingFromTheModel() throws IOException {
    assertThat(ofLength(64).extended(new LinearScaling(1), 32).maxPositions()).isEqualTo(64);
  }

  @Test
  void anotherBaseIsWrittenAsAnUnscaledModelsAndReadBackAsAScaling() throws IOException {
    RotaryScaling scaling = new NtkAwareScaling(21000);
    JsonNode json = ofLength(64).extended(scaling, 256).json();
    assertThat(json.path("max_position_embeddings").asInt()).isEqualTo(256);
    assertThat(json.path("rope_theta").asDouble()).isEqualTo(21000);
    assertThat(json.at("/rope_parameters/rope_theta").asDouble()).isEqualTo(21000);
    assertThat(json.at("/rope_parameters/rope_type").asText()).isEqualTo("default");
    assertThat(json.at("/rope_scaling/type").asText()).isEqualTo("default");

    Files.writeString(file(), json.toString());
    ModelConfig read = ModelConfig.read(folder);
    assertThat(read.rotary()).isEqualTo(new RotaryEmbedding(16, 5000, 64, scaling));
    JsonNode anew = read.extended(new LinearScaling(8), 512).json();
    assertThat(anew.path("rope_theta").asDouble()).isEqualTo(5000);
    assertThat(anew.has("original_rope_theta")).isFalse();
  }

  private ModelConfig ofLength(int length) throws IOException {
    return llama(
        json -> {
          put(json, "rope_parameters", "{\"rope_type\": \"default\", \"rope_theta\": 5000.0}");
          json.put("max_position_embeddings", length);
        });
  }
}
