package org.longlora4j.core.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

class RecipeSchemaTest {
  private static final String MINIMAL =
      """
      model: llama
      context: 256
      data: { use: token-rows, path: rows.safetensors, tensor: data }
      training: { steps: 6 }
      """;

  private final ObjectNode generated = new RecipeSchema(StandInPlugin.registry()).generate();
  private final JsonSchema schema = validator(generated);

  private static JsonSchema validator(JsonNode schema) {
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
  }

  private static JsonNode json(String yaml) {
    LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).build();
    return new ObjectMapper().valueToTree(new Load(settings).loadFromString(yaml));
  }

  private boolean accepts(String yaml) {
    return schema.validate(json(yaml)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dense", "longlora", "longqlora", "plain-lora", "rolled", "yarn"})
  void acceptsTheRecipesOfTheReferenceRuns(String run) throws IOException, URISyntaxException {
    String yaml = Files.readString(RecipeReaderTest.golden("run-" + run));

    assertThat(schema.validate(json(yaml))).isEmpty();
  }

  @Test
  void acceptsAModelOfRandomWeights() {
    assertThat(acceptsModel("{ init: { hidden_size: 64 }, seed: 1 }")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[a, b]", "{ init: llama }", "{ init: {}, sed: 1 }"})
  void refusesWhatIsNoModel(String model) {
    assertThat(acceptsModel(model)).isFalse();
  }

  private boolean acceptsModel(String model) {
    return accepts(MINIMAL.replace("model: llama", "model: " + model));
  }

  @Test
  void isItselfAValidSchema() {
    assertThat(
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"))
                .validate(generated))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contxt: 256",
        "attention: s2-atn",
        "attention: { group-ratio: 0.5 }",
        "attention: { use: s2-attn, group-ration: 0.5 }",
        "attention: { use: s2-attn, group-ratio: 1.5 }",
        "attention: { use: s2-attn, variant: roled }",
        "attention: { use: dense, group-ratio: 0.5 }",
        "adapter: { use: lora, rank: 1.5 }",
        "adapter: { use: lora, start-from: 3 }",
        "position: { use: linear, start-from: before }",
        "quantization: { use: nf4, double-quantization: yes }",
        "evaluation: { every: 5 }",
        "evaluation: { every: 0, data: { use: documents, path: a.txt } }",
        "evaluation: { every: 5, data: { use: blend, sources: [{ source: { use: documents } }] } }",
        "evaluation: { every: 5, data: { use: blend, sources: [{ source: documents }] } }",
        "listeners: every-type"
      })
  void refusesWhatTheReaderRefuses(String line) {
    assertThat(accepts(MINIMAL)).isTrue();
    assertThat(accepts(MINIMAL + line + "\n")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "attention: s2-attn",
        "adapter: { use: lora, targets: q_proj }",
        "adapter: { use: lora, targets: [q_proj, k_proj] }",
        "evaluation: { every: 5, data: { use: documents, path: a.txt } }",
        "evaluation: { every: 5, data: { use: blend, sources: [{ weight: 2, source: { use: blend,"
            + " sources: { source: { use: documents, path: a.txt } } } }] } }",
        "listeners: { use: every-type, whole: 1, inner: { words: a } }",
        "listeners: [{ use: every-type, whole: 1, maybe-real: 2 }]"
      })
  void acceptsWhatTheReaderAccepts(String line) {
    assertThat(schema.validate(json(MINIMAL + line + "\n"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "true", "keep-attention", "mlp", "false", "'true'"})
  void acceptsEachWayToRecompute(String value) {
    assertThat(accepts(MINIMAL.replace("steps: 6", "steps: 6, recompute: " + value))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model: a\ncontext: 2\ntraining: { steps: 6 }\n", "{}", "[]"})
  void requiresWhatHasNoDefault(String yaml) {
    assertThat(accepts(yaml)).isFalse();
  }

  @Test
  void letsARecipeLeaveOutWhatItExtends() {
    assertThat(accepts("extends: longlora\n")).isTrue();
    assertThat(accepts("extends: longlora\nattention: { group-ratio: 0.5 }\n")).isTrue();
    assertThat(accepts("extends: longlora\ndata: token-rows\n")).isTrue();
    assertThat(accepts("extends: longlora\nattention: { group-ration: 0.5 }\n")).isFalse();
    assertThat(accepts("extends: longlora\nattention: { group-ratio: 1.5 }\n")).isFalse();
    assertThat(accepts("extends: 3\n")).isFalse();
  }

  @Test
  void describesOptionsWithTheirDefaultsAndBounds() {
    JsonNode rate = generated.at("/$defs/complete/properties/training/properties/learning-rate");

    assertThat(rate)
        .hasToString(
            "{\"type\":\"number\",\"minimum\":0,"
                + "\"description\":\"The highest learning rate of the schedule\","
                + "\"default\":2.0E-5}");
  }

  @Test
  void isValidWithoutAnyPlugin() {
    ObjectNode bare = new RecipeSchema(new ExtensionRegistry(List.of())).generate();

    assertThat(validator(bare).validate(json("extends: longlora\ncontext: 2\n"))).isEmpty();
  }
}
