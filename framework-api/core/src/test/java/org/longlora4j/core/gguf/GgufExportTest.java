package org.longlora4j.core.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;
import static org.longlora4j.core.Golden.SERVICES;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.longlora4j.core.TokenizerJson;
import org.longlora4j.core.checkpoint.AdaptedCheckpoint;
import org.longlora4j.core.checkpoint.NumberFormat;
import org.longlora4j.core.evaluate.Verification;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.tensor.SafetensorsFile;

class GgufExportTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HEAD_DIM = 16;

  /** As the specification of GGUF and llama.cpp have them. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          entry("token_embd", "model.embed_tokens"),
          entry("output_norm", "model.norm"),
          entry("output", "lm_head"),
          entry("attn_norm", "input_layernorm"),
          entry("attn_q", "self_attn.q_proj"),
          entry("attn_k", "self_attn.k_proj"),
          entry("attn_v", "self_attn.v_proj"),
          entry("attn_output", "self_attn.o_proj"),
          entry("ffn_norm", "post_attention_layernorm"),
          entry("ffn_gate", "mlp.gate_proj"),
          entry("ffn_up", "mlp.up_proj"),
          entry("ffn_down", "mlp.down_proj"));

  @TempDir private Path folder;

  private Path model(String name, TokenizerJson tokenizer) throws IOException {
    Path model = Files.createDirectory(folder.resolve(name));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Golden.model(name).resolve(file), model.resolve(file));
    }
    tokenizer.write(model);
    return model;
  }

  private static void change(Path model, String key, Object value) throws IOException {
    Path config = model.resolve("config.json");
    ObjectNode json = (ObjectNode) JSON.readTree(config.toFile());
    JSON.writeValue(config.toFile(), json.putPOJO(key, value));
  }

  private GgufExport.Result export(Path model, NumberFormat format) throws IOException {
    ExtensionRegistry registry =
        ExtensionRegistry.onClassPath(GgufExportTest.class.getClassLoader());
    try (AdaptedCheckpoint source =
        AdaptedCheckpoint.open(model, Optional.empty(), registry, SERVICES)) {
      return new GgufExport(source, SERVICES).write(folder.resolve("model.gguf"), format);
    }
  }

  private GgufFile exported(Path model) throws IOException {
    return GgufFile.read(export(model, NumberFormat.FLOAT32).output());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"llama", "llama-mha-tied", "mistral", "qwen2", "llama-linear", "llama-yarn"})
  void theWeightsInTheFileGiveTheReferencesLogits(String name) throws IOException {
    GgufFile file = exported(model(name, TokenizerJson.byteLevel()));
    Path again = Files.createDirectory(folder.resolve("again"));
    Files.copy(Golden.model(name).resolve("config.json"), again.resolve("config.json"));
    boolean permuted = file.metadata().get("general.architecture").equals("llama");
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    Map<String, float[]> values = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (gguf, tensor) -> {
              String original = original(gguf);
              float[] floats = file.floats(gguf);
              boolean turned = permuted && gguf.matches(".*attn_[qk]\\..*");
              values.put(original, turned ? unpermuted(floats, tensor) : floats);
              entries.put(original, new TensorEntry(ElementType.F32, shape(tensor)));
            });
    Golden.write(
        again.resolve("model.safetensors"), entries, Map.of(), key -> bytes(values.get(key)));
    try (CausalLanguageModel loaded = Golden.frozen(again, Precision.FLOAT32)) {
      Path expected = Golden.FOLDER.resolve("expected/" + name + ".safetensors");
      assertThat(new Verification(SERVICES).compare(loaded, expected).relativeDifference())
          .isLessThan(1e-4);
    }
  }

  private static String original(String gguf) {
    String[] parts = gguf.split("\\.", -1);
    return parts.length == 2
        ? NAMES.get(parts[0]) + "." + parts[1]
        : "model.layers." + parts[1] + "." + NAMES.get(parts[2]) + "." + parts[3];
  }

  private static Shape shape(GgufFile.Tensor tensor) {
    long[] dimensions = new long[tensor.dimensions().size()];
    Arrays.setAll(dimensions, i -> tensor.dimensions().get(dimensions.length - 1 - i));
    return new Shape(dimensions);
  }

  /** Rows 2i and 2i + 1 of a head in the file are the rows i and i + half of a checkpoint. */
  private static float[] unpermuted(float[] rows, GgufFile.Tensor tensor) {
    int columns = tensor.dimensions().size() == 1 ? 1 : Math.toIntExact(tensor.dimensions().get(0));
    float[] undone = new float[rows.length];
    for (int row = 0; row < rows.length / columns; row++) {
      int within = row % HEAD_DIM;
      int target = row - within + within / 2 + within % 2 * (HEAD_DIM / 2);
      System.arraycopy(rows, row * columns, undone, target * columns, columns);
    }
    return undone;
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  @Test
  void theMetadataDescribesTheModel() throws IOException {
    GgufFile file = exported(model("llama", TokenizerJson.byteLevel()));
    assertThat(file.metadata())
        .contains(
            entry("general.architecture", "llama"),
            entry("general.name", "llama"),
            entry("general.alignment", 32L),
            entry("general.file_type", 0L),
            entry("llama.vocab_size", 320L),
            entry("llama.context_length", 128L),
            entry("llama.embedding_length", 64L),
            entry("llama.block_count", 3L),
            entry("llama.attention.head_count", 4L),
            entry("llama.attention.head_count_kv", 2L),
            entry("llama.attention.key_length", 16L),
            entry("llama.rope.dimension_count", 16L),
            entry("llama.rope.freq_base", 10000f))
        .doesNotContainKey("llama.rope.scaling.type");
    assertThat(file.metadata().get("llama.attention.layer_norm_rms_epsilon")).isEqualTo(1e-5f);
  }

  @Test
  void weightsAreFloat16AndWhatIsAddedOrMultipliedIsFloat32() throws IOException {
    Path model = model("qwen2", TokenizerJson.byteLevel());
    GgufFile file = GgufFile.read(export(model, NumberFormat.FLOAT16).output());
    assertThat(file.metadata())
        .contains(entry("general.architecture", "qwen2"), entry("general.file_type", 1L));
    file.tensors()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.type())
                    .as(name)
                    .isEqualTo(tensor.dimensions().size() == 1 ? 0 : 1));
    try (TensorFile original = SafetensorsFile.open(model.resolve("model.safetensors"))) {
      float first = original.bytes("model.layers.0.self_attn.q_proj.weight").getFloat(0);
      assertThat(file.floats("blk.0.attn_q.weight")[0])
          .isCloseTo(first, within(Math.abs(first) / 2048));
    }
  }

  @Test
  void llamaCppsOwnScalingsAreNamed() throws IOException {
    assertThat(exported(model("llama-linear", TokenizerJson.byteLevel())).metadata())
        .contains(
            entry("llama.rope.scaling.type", "linear"),
            entry("llama.rope.scaling.factor", 4f),
            entry("llama.rope.scaling.original_context_length", 32L));
    Files.delete(folder.resolve("model.gguf"));
    Path yarn = model("llama-yarn", TokenizerJson.byteLevel());
    assertThat(exported(yarn).metadata())
        .contains(
            entry("llama.rope.scaling.type", "yarn"),
            entry("llama.rope.scaling.factor", 4f),
            entry("llama.rope.scaling.original_context_length", 32L))
        .doesNotContainKey("llama.rope.scaling.attn_factor");
    Files.delete(folder.resolve("model.gguf"));
    change(
        yarn,
        "rope_parameters",
        Map.of(
            "rope_type", "yarn", "factor", 4, "rope_theta", 1e4, "attention_factor", 2.2772588722));
    assertThat((Float) exported(yarn).metadata().get("llama.rope.scaling.attn_factor"))
        .as("twice 0.1 · ln 4 + 1, which llama.cpp multiplies by itself")
        .isCloseTo(2f, within(1e-6f));
  }

  @Test
  void otherScalingsAreDivisorsOfTheFrequencies() throws IOException {
    GgufFile file = exported(model("llama-llama3", TokenizerJson.byteLevel()));
    assertThat(file.metadata()).doesNotContainKey("llama.rope.scaling.type");
    // Wavelengths 2π · 10^(i/2) against 32 / 4 and 32 / 1 tokens: one is in between.
    assertThat(file.floats("rope_freqs.weight"))
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(1, 2.48365f, 4, 4, 4, 4, 4, 4);
  }

  @Test
  void longRopeIsTwoListsOfFactors() throws IOException {
    Path model = model("llama", TokenizerJson.byteLevel());
    List<Double> shorter = List.of(1.0, 1.0, 1.0, 1.5, 1.5, 1.5, 2.0, 2.0);
    List<Double> longer = List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0);
    change(
        model,
        "rope_parameters",
        Map.of(
            "rope_type",
            "longrope",
            "rope_theta",
            1e4,
            "factor",
            4,
            "original_max_position_embeddings",
            32,
            "short_factor",
            shorter,
            "long_factor",
            longer));
    GgufFile file = exported(model);
    assertThat(file.floats("rope_factors_long.weight")).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(file.floats("rope_factors_short.weight"))
        .containsExactly(1, 1, 1, 1.5f, 1.5f, 1.5f, 2, 2);
    assertThat(file.metadata())
        .contains(
            entry("llama.rope.scaling.type", "longrope"),
            entry("llama.rope.scaling.original_context_length", 32L));
    assertThat((Float) file.metadata().get("llama.rope.scaling.attn_factor"))
        .isCloseTo(1.18322f, within(1e-5f)); // sqrt(1 + ln 4 / ln 32)
  }

  @Test
  void byteLevelTokenizersAreTold() throws IOException {
    Map<String, Object> metadata = exported(model("llama", TokenizerJson.byteLevel())).metadata();
    assertThat(metadata)
        .contains(
            entry("tokenizer.ggml.model", "gpt2"),
            entry("tokenizer.ggml.pre", "gpt-2"),
            entry("tokenizer.ggml.merges", List.of("t h", "th e")),
            entry("tokenizer.ggml.bos_token_id", 258L),
            entry("tokenizer.ggml.eos_token_id", 259L),
            entry("tokenizer.ggml.add_bos_token", true),
            entry("tokenizer.ggml.add_eos_token", false),
            entry("tokenizer.chat_template", "{{ messages }}"));
    assertThat((List<?>) metadata.get("tokenizer.ggml.tokens")).hasSize(320);
    List<?> types = (List<?>) metadata.get("tokenizer.ggml.token_type");
    assertThat(types.subList(0, 258)).allMatch(type -> type.equals(1L));
    assertThat(types.subList(258, 261).toString()).isEqualTo("[3, 3, 4]");
    assertThat(types.subList(261, 320))
        .as("embeddings without a token")
        .allMatch(type -> type.equals(5L));
  }

  @Test
  void sentencePiecesGetScoresInTheOrderOfTheirMerges() throws IOException {
    Map<String, Object> metadata =
        exported(model("llama", TokenizerJson.sentencePieces())).metadata();
    assertThat(metadata)
        .contains(
            entry("tokenizer.ggml.model", "llama"),
            entry("tokenizer.ggml.add_space_prefix", true),
            entry("tokenizer.ggml.unknown_token_id", 0L));
    List<?> types = (List<?>) metadata.get("tokenizer.ggml.token_type");
    assertThat(types.subList(0, 4).toString()).isEqualTo("[2, 3, 3, 6]");
    List<?> scores = (List<?>) metadata.get("tokenizer.ggml.scores");
    assertThat(scores.subList(259, 265).toString())
        .isEqualTo("[-0.0, -1.0, -2.0, -3.0, -3.0, -3.0]");
  }

  @Test
  void unigramsKeepTheirScores() throws IOException {
    Map<String, Object> metadata = exported(model("llama", TokenizerJson.unigrams())).metadata();
    assertThat(metadata)
        .contains(
            entry("tokenizer.ggml.model", "t5"), entry("tokenizer.ggml.add_space_prefix", true));
    assertThat(((List<?>) metadata.get("tokenizer.ggml.scores")).subList(0, 5).toString())
        .isEqualTo("[0.0, 0.0, 0.0, -1.5, -2.5]");
  }

  @Test
  void aSlidingWindowEndsTheContext() throws IOException {
    Path model = model("mistral", TokenizerJson.byteLevel());
    change(model, "sliding_window", 96);
    GgufExport.Result result = export(model, NumberFormat.BFLOAT16);
    assertThat(result.notes()).singleElement().asString().contains("sliding window", "96", "128");
    assertThat(GgufFile.read(result.output()).metadata())
        .contains(entry("llama.context_length", 96L), entry("general.file_type", 32L));
  }

  @Test
  void whatLlamaCppCannotBeToldIsRefusedAllAtOnceAndNothingIsLeft() throws IOException {
    TokenizerJson tokenizer = TokenizerJson.byteLevel();
    tokenizer.root().putObject("pre_tokenizer").put("type", "Whitespace");
    tokenizer.root().putObject("normalizer").put("type", "Lowercase");
    Path model = model("llama-dynamic", tokenizer);
    assertThatThrownBy(() -> export(model, NumberFormat.FLOAT16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("config.json: rope_parameters: rope_type dynamic")
        .hasMessageContaining("tokenizer.json: pre_tokenizer: llama.cpp has no name for")
        .hasMessageContaining("tokenizer.json: normalizer: is {\"type\":\"Lowercase\"}");
    assertThat(folder.toFile().list()).containsExactly("llama-dynamic");
  }

  @Test
  void mergesThatScoresCannotTellAreRefused() throws IOException {
    TokenizerJson tokenizer = TokenizerJson.sentencePieces();
    tokenizer.model().putArray("merges").add("\u2581 a").add("a b").add("\u2581 ab");
    Path model = model("llama", tokenizer);
    assertThatThrownBy(() -> export(model, NumberFormat.FLOAT16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("model.merges", "does not merge '\u2581a' and 'b'");
  }

  @Test
  void aModelWithoutATokenizerIsRefused() {
    assertThatThrownBy(() -> export(Golden.model("llama"), NumberFormat.FLOAT16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has no tokenizer.json");
  }

  @Test
  void valuesBeyondFloat16AreRefusedAndNothingIsLeft() throws IOException {
    Path model = model("llama", TokenizerJson.byteLevel());
    String name = "model.layers.1.mlp.up_proj.weight";
    try (TensorFile golden =
        SafetensorsFile.open(Golden.model("llama").resolve("model.safetensors"))) {
      Golden.write(
          model.resolve("model.safetensors"),
          golden.entries(),
          Map.of(),
          tensor -> {
            ByteBuffer bytes =
                ByteBuffer.allocate((int) golden.entries().get(tensor).bytes())
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.put(golden.bytes(tensor)).flip();
            return tensor.equals(name) ? bytes.putFloat(40, -70000) : bytes;
          });
    }
    assertThatThrownBy(() -> export(model, NumberFormat.FLOAT16))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "tensor blk.1.ffn_up.weight has a value of magnitude 70000.0, and float16 ends at"
                + " 65504: export it with --dtype bfloat16 or float32");
    assertThat(folder.toFile().list()).containsExactly("llama");
    assertThat(export(model, NumberFormat.BFLOAT16).output()).exists();
  }
}
