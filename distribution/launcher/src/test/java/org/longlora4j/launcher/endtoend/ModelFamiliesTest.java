package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.SafetensorsWriter;

/** Models of other families than Llama, and a Llama within a multimodal model, from end to end. */
class ModelFamiliesTest {
  private static final Path GOLDEN = CommandRun.golden();

  @TempDir private Path directory;

  private Path logits(String name, Path model, Optional<Path> adapter) throws IOException {
    Path file = directory.resolve(name + ".safetensors");
    Logits.of(model, adapter, file);
    return file;
  }

  private void assertMergedIsBaseAndAdapter(Path model, Path adapter, Path merged)
      throws IOException {
    CommandRun.succeed("merge", "--model", model, "--adapter", adapter, "--output", merged);
    Tensors.assertClose(
        Tensors.in(logits("merged-logits", merged, Optional.empty())),
        Tensors.in(logits("adapted-logits", model, Optional.of(adapter))),
        1e-5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama-mha-tied", "mistral", "qwen2", "gpt-neox"})
  void logitsAreThoseOfTransformers(String model) throws IOException {
    JsonNode result =
        CommandRun.succeed(
                "verify",
                "--json",
                "--model",
                GOLDEN.resolve("models/" + model),
                "--expected",
                GOLDEN.resolve("expected/" + model + ".safetensors"))
            .json();
    assertThat(result.path("relative_difference").asDouble()).isBetween(1e-12, 1e-4);
  }

  @Test
  void aGptNeoxIsExtendedByLongLora() throws IOException {
    SmallRun run = SmallRun.on("gpt-neox", directory);
    CommandRun trained =
        run.train("adapter={ use: lora-plus, rank: 4, train: [embeddings, norms, head] }");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(run.losses()).hasSize(4).allMatch(Double::isFinite);

    Map<String, float[]> adapter = Tensors.in(run.output().resolve("adapter_model.safetensors"));
    String layer = "base_model.model.gpt_neox.layers.2.";
    assertThat(adapter)
        .containsKeys(
            layer + "attention.query_key_value.lora_A.weight",
            layer + "attention.dense.lora_B.weight",
            layer + "post_attention_layernorm.weight",
            layer + "post_attention_layernorm.bias",
            "base_model.model.gpt_neox.embed_in.weight",
            "base_model.model.gpt_neox.final_layer_norm.bias",
            "base_model.model.embed_out.weight")
        .hasSize(3 * (2 * 2 + 2 * 2) + 1 + 2 + 1);

    Path merged = directory.resolve("merged");
    assertMergedIsBaseAndAdapter(GOLDEN.resolve("models/gpt-neox"), run.output(), merged);
    JsonNode config = SmallRun.json(merged.resolve("config.json"));
    assertThat(config.path("max_position_embeddings").asInt()).isEqualTo(256);
    assertThat(config.at("/rope_parameters/factor").asDouble()).isEqualTo(2);
    assertThat(config.at("/rope_parameters/partial_rotary_factor").asDouble()).isEqualTo(0.25);
    assertThat(config.at("/rope_scaling/type").asText()).isEqualTo("linear");
    assertThat(config.path("rotary_pct").asDouble()).isEqualTo(0.25);
    assertThat(config.path("rotary_emb_base").asDouble()).isEqualTo(10000);
  }

  @Test
  void aGptNeoxIsPlannedAndItsProjectionsQuantized() throws IOException {
    SmallRun run = SmallRun.on("gpt-neox", directory);
    JsonNode plan =
        CommandRun.succeed("plan", run.recipe(), "--set", "adapter.targets=[all-linear]", "--json")
            .json();
    int matrices = 3 * 4 * ((64 + 192) + (64 + 64) + 2 * (64 + 176));
    int whole = 320 * 64 + (2 * 3 + 1) * 2 * 64; // embeddings, norms with their biases
    assertThat(plan.path("trained_parameters").asLong()).isEqualTo(matrices + whole);
    CommandRun trained = run.train("quantization=nf4", "adapter.targets=[all-linear]");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
  }

  @Test
  void aGptNeoxIsNoGguf() {
    CommandRun run =
        CommandRun.of(
            "export",
            "--format",
            "gguf",
            "--model",
            GOLDEN.resolve("models/gpt-neox"),
            "--output",
            directory.resolve("model.gguf"));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("model_type: is 'gpt_neox'; llama, mistral and qwen2 can be exported as GGUF.");
  }

  /** A llava of the golden Llama: its config.json within another, and tensors beside its own. */
  private Path multimodal(String body, String head) throws IOException {
    Path target = Files.createDirectories(directory.resolve("llava"));
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("model_type", "llava").put("image_token_index", 319);
    config.putArray("architectures").add("LlavaForConditionalGeneration");
    config.set("text_config", SmallRun.json(GOLDEN.resolve("models/llama/config.json")));
    config.putObject("vision_config").put("model_type", "clip_vision_model").put("hidden_size", 8);
    Files.writeString(target.resolve("config.json"), config.toString());
    Files.writeString(target.resolve("preprocessor_config.json"), "{\"crop_size\": 336}");
    Map<String, TensorEntry> vision = new LinkedHashMap<>();
    vision.put(
        "vision_tower.encoder.layers.0.self_attn.q_proj.weight",
        new TensorEntry(ElementType.F16, new Shape(8, 8)));
    vision.put("vision_tower.position_ids", new TensorEntry(ElementType.I64, new Shape(1, 5)));
    vision.put(
        "multi_modal_projector.linear_1.bias", new TensorEntry(ElementType.BF16, new Shape(64)));
    try (TensorFile llama =
        SafetensorsFile.open(GOLDEN.resolve("models/llama/model.safetensors"))) {
      Map<String, TensorEntry> entries = new LinkedHashMap<>(vision);
      Map<String, String> own = new LinkedHashMap<>();
      for (String name : llama.entries().keySet()) {
        own.put(name.startsWith("model.") ? body + name.substring(6) : head + name, name);
      }
      own.forEach((name, alone) -> entries.put(name, llama.entries().get(alone)));
      Random random = new Random(3);
      try (SafetensorsWriter writer =
          new SafetensorsWriter(
              target.resolve("model.safetensors"), Map.of("format", "pt"), entries)) {
        for (Map.Entry<String, TensorEntry> entry : entries.entrySet()) {
          writer.begin(entry.getKey());
          byte[] drawn = new byte[(int) entry.getValue().bytes()];
          random.nextBytes(drawn);
          writer.write(
              own.containsKey(entry.getKey())
                  ? llama.bytes(own.get(entry.getKey()))
                  : ByteBuffer.wrap(drawn));
        }
        writer.commit();
      }
    }
    return target;
  }

  @ParameterizedTest
  @CsvSource({"language_model.model., language_model.", "model.language_model., ''"})
  void theLlamaWithinAMultimodalModelTrainsAndAllElseStaysAsItIs(String body, String head)
      throws IOException {
    Path model = multimodal(body, head);
    CommandRun.succeed(
        "verify", "--model", model, "--expected", GOLDEN.resolve("expected/llama.safetensors"));
    SmallRun run = SmallRun.in(directory);
    CommandRun trained = run.train("model=" + model);
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(Tensors.in(run.output().resolve("adapter_model.safetensors")))
        .containsKey("base_model.model." + body + "layers.1.self_attn.q_proj.lora_A.weight");

    Path merged = directory.resolve("merged");
    assertMergedIsBaseAndAdapter(model, run.output(), merged);
    assertThat(merged.resolve("preprocessor_config.json"))
        .hasSameBinaryContentAs(model.resolve("preprocessor_config.json"));
    try (TensorFile before = SafetensorsFile.open(model.resolve("model.safetensors"));
        TensorFile after = SafetensorsFile.open(merged.resolve("model.safetensors"))) {
      assertThat(after.entries()).isEqualTo(before.entries());
      for (String name : before.entries().keySet()) {
        boolean trains = name.matches(".*(embed_tokens|norm|self_attn\\.[qkvo]_proj)\\.weight");
        assertThat(after.bytes(name).equals(before.bytes(name)))
            .as("whether %s is as it was", name)
            .isEqualTo(!trains || name.startsWith("vision_tower"));
      }
    }
    ObjectNode config = (ObjectNode) SmallRun.json(merged.resolve("config.json"));
    ObjectNode expected = (ObjectNode) SmallRun.json(model.resolve("config.json"));
    ObjectNode text = (ObjectNode) config.get("text_config");
    assertThat(text.path("max_position_embeddings").asInt()).isEqualTo(256);
    assertThat(text.at("/rope_parameters/rope_type").asText()).isEqualTo("linear");
    for (String key : new String[] {"rope_parameters", "rope_scaling", "rope_theta"}) {
      text.remove(key);
      ((ObjectNode) expected.get("text_config")).remove(key);
    }
    text.remove("original_max_position_embeddings");
    text.put("max_position_embeddings", 128);
    config.remove("merged_adapters");
    assertThat(config).isEqualTo(expected);
  }

  @Test
  void whatReadersOfAMultimodalModelWouldMistakeIsRefused() throws IOException {
    Path model = multimodal("language_model.model.", "language_model.");
    Path output = directory.resolve("out");
    CommandRun quantized =
        CommandRun.of("quantize", "--method", "nf4", "--model", model, "--output", output);
    assertThat(quantized.exitCode()).isEqualTo(2);
    assertThat(quantized.err()).contains("multimodal model, which is written as floats only");
    CommandRun exported =
        CommandRun.of("export", "--format", "safetensors", "--model", model, "--output", output);
    assertThat(exported.exitCode()).isEqualTo(2);
    assertThat(exported.err()).contains("Use merge, which keeps the other tensors as they are");
  }
}
