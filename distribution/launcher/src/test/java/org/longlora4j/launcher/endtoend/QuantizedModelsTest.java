package org.longlora4j.launcher.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** Checkpoints of quantized weights: read, written, trained upon, and merged. */
class QuantizedModelsTest {
  private static final Path GOLDEN = CommandRun.golden();
  private static final Path FLOATS = GOLDEN.resolve("models/llama");
  private static final Path REFERENCE = GOLDEN.resolve("models/llama-nf4");
  private static final Path REFERENCE_LOGITS = GOLDEN.resolve("expected/llama-nf4.safetensors");
  private static final String FILE = "model.safetensors";
  private static final String QUERY = "model.layers.0.self_attn.q_proj.weight";

  @TempDir private Path directory;

  private Path quantize(String method, String... options) {
    Path output = directory.resolve("quantized-" + method + options.length);
    CommandRun.succeed(quantization(FLOATS, method, output, options));
    return output;
  }

  private static Object[] quantization(Path model, String method, Path output, String... options) {
    List<Object> arguments = new ArrayList<>();
    arguments.addAll(List.of("quantize", "--method", method, "--model", model, "--output", output));
    arguments.addAll(List.of(options));
    return arguments.toArray();
  }

  private static double difference(Path expected, Object... model) throws IOException {
    Object[] arguments = new Object[model.length + 6];
    System.arraycopy(model, 0, arguments, 1, model.length);
    arguments[0] = "verify";
    Object[] rest = {"--expected", expected, "--tolerance", "1e9", "--json"};
    System.arraycopy(rest, 0, arguments, model.length + 1, rest.length);
    return CommandRun.succeed(arguments).json().get("relative_difference").asDouble();
  }

  @Test
  void whatTransformersSavedInFourBitsGivesItsLogits() throws IOException {
    assertThat(difference(REFERENCE_LOGITS, "--model", REFERENCE)).isLessThan(1e-4);
  }

  @Test
  void whatIsWrittenIsWhatBitsandbytesWrites() throws IOException {
    Path written = quantize("nf4");

    try (TensorFile ours = SafetensorsFile.open(written.resolve(FILE));
        TensorFile theirs = SafetensorsFile.open(REFERENCE.resolve(FILE))) {
      assertThat(ours.metadata()).containsEntry("format", "pt");
      assertThat(ours.entries().keySet())
          .containsExactlyInAnyOrderElementsOf(theirs.entries().keySet());
      for (Map.Entry<String, TensorEntry> entry : theirs.entries().entrySet()) {
        String name = entry.getKey();
        if (name.contains("quant_state")) {
          assertSameState(text(ours, name), text(theirs, name));
        } else {
          assertThat(ours.entries().get(name)).as(name).isEqualTo(entry.getValue());
          assertSameContents(name, ours, theirs);
        }
      }
    }
    assertThat(difference(REFERENCE_LOGITS, "--model", written)).isLessThan(1e-4);
  }

  private static String text(TensorFile file, String name) {
    return UTF_8.decode(file.bytes(name)).toString();
  }

  /** The mean is a float32 sum, whose last bits depend on the order of summation. */
  private static void assertSameState(String ours, String theirs) throws IOException {
    ObjectNode found = (ObjectNode) new ObjectMapper().readTree(ours);
    ObjectNode expected = (ObjectNode) new ObjectMapper().readTree(theirs);
    double offset = expected.remove("nested_offset").asDouble();
    assertThat(found.remove("nested_offset").asDouble()).isCloseTo(offset, within(1e-6 * offset));
    assertThat(found).isEqualTo(expected);
  }

  /** Bytes equal: no value of this checkpoint lies on a rounding tie. */
  private static void assertSameContents(String name, TensorFile ours, TensorFile theirs) {
    if (!name.endsWith(".nested_absmax")) {
      assertThat(ours.bytes(name)).as(name).isEqualTo(theirs.bytes(name));
      return;
    }
    float expected = theirs.bytes(name).getFloat();
    assertThat(ours.bytes(name).getFloat()).isCloseTo(expected, within(1e-6f * expected));
  }

  @Test
  void configJsonSaysWhatTransformersWrites() throws IOException {
    JsonNode config = SmallRun.json(quantize("nf4").resolve("config.json"));
    ObjectNode described = (ObjectNode) config.get("quantization_config");

    // What transformers 5.12 writes for BitsAndBytesConfig(load_in_4bit=True, …).
    assertThat(described)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {
                      "_load_in_4bit": true,
                      "_load_in_8bit": false,
                      "bnb_4bit_compute_dtype": "float32",
                      "bnb_4bit_quant_storage": "uint8",
                      "bnb_4bit_quant_type": "nf4",
                      "bnb_4bit_use_double_quant": true,
                      "llm_int8_enable_fp32_cpu_offload": false,
                      "llm_int8_has_fp16_weight": false,
                      "llm_int8_skip_modules": null,
                      "llm_int8_threshold": 6.0,
                      "load_in_4bit": true,
                      "load_in_8bit": false,
                      "quant_method": "bitsandbytes"
                    }
                    """));
    ObjectNode rest = (ObjectNode) config;
    rest.remove("quantization_config");
    assertThat(rest).isEqualTo(SmallRun.json(FLOATS.resolve("config.json")));
  }

  @ParameterizedTest
  @CsvSource({
    "nf4, --no-double-quantization, 0.3, F32",
    "fp4, --block-size=128, 0.5, U8",
    "int8, --json, 0.05, ''"
  })
  void everyMethodIsWrittenAndReadBack(
      String method, String option, double tolerance, String scales) throws IOException {
    Path written = quantize(method, option);

    assertThat(difference(GOLDEN.resolve("expected/llama.safetensors"), "--model", written))
        .isBetween(1e-6, tolerance);
    try (TensorFile file = SafetensorsFile.open(written.resolve(FILE))) {
      TensorEntry absmax = file.entries().get(QUERY + ".absmax");
      assertThat(absmax == null ? "" : absmax.type().name()).isEqualTo(scales);
      assertThat(file.entries().get(QUERY).type())
          .isEqualTo(method.equals("int8") ? ElementType.I8 : ElementType.U8);
      assertThat(file.entries().get("lm_head.weight").type()).isEqualTo(ElementType.F32);
      assertThat(file.entries().get("model.embed_tokens.weight").type()).isEqualTo(ElementType.F32);
    }
  }

  @Test
  void aShardedModelStaysSharded() throws IOException {
    Path sharded = sharded(FLOATS);
    Path written = directory.resolve("written");

    JsonNode result = CommandRun.succeed(quantization(sharded, "nf4", written, "--json")).json();

    JsonNode index = SmallRun.json(written.resolve("model.safetensors.index.json"));
    assertThat(index.get("weight_map").get(QUERY + ".quant_state.bitsandbytes__nf4"))
        .isEqualTo(index.get("weight_map").get(QUERY));
    assertThat(index.at("/metadata/total_size").asLong()).isEqualTo(result.get("bytes").asLong());
    assertThat(result.get("quantized_weights").asInt()).isEqualTo(21);
    assertThat(result.get("bytes").asLong()).isLessThan(result.get("bytes_before").asLong() / 2);
    for (Map.Entry<String, JsonNode> tensor : index.get("weight_map").properties()) {
      try (TensorFile shard = SafetensorsFile.open(written.resolve(tensor.getValue().asText()))) {
        assertThat(shard.entries()).containsKey(tensor.getKey());
      }
    }
    assertThat(difference(REFERENCE_LOGITS, "--model", written)).isLessThan(1e-4);
  }

  @Test
  void aWeightMayLieInAnotherShardThanItsScales() throws IOException {
    assertThat(difference(REFERENCE_LOGITS, "--model", sharded(REFERENCE))).isLessThan(1e-4);
  }

  /** A checkpoint in two files, whose tensors take turns. */
  private Path sharded(Path model) throws IOException {
    Path sharded = Files.createDirectory(directory.resolve("sharded"));
    Files.copy(model.resolve("config.json"), sharded.resolve("config.json"));
    List<Map<String, TensorEntry>> shards = List.of(new LinkedHashMap<>(), new LinkedHashMap<>());
    ObjectNode index = new ObjectMapper().createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    try (TensorFile file = SafetensorsFile.open(model.resolve(FILE))) {
      int turn = 0;
      for (Map.Entry<String, TensorEntry> entry : file.entries().entrySet()) {
        int shard = turn++ % 2;
        shards.get(shard).put(entry.getKey(), entry.getValue());
        map.put(entry.getKey(), "model-%05d-of-00002.safetensors".formatted(shard + 1));
      }
      for (int i = 0; i < shards.size(); i++) {
        Path path = sharded.resolve("model-%05d-of-00002.safetensors".formatted(i + 1));
        try (SafetensorsWriter writer = new SafetensorsWriter(path, Map.of(), shards.get(i))) {
          for (String tensor : shards.get(i).keySet()) {
            writer.begin(tensor);
            writer.write(file.bytes(tensor));
          }
          writer.commit();
        }
      }
    }
    new ObjectMapper().writeValue(sharded.resolve("model.safetensors.index.json").toFile(), index);
    return sharded;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nf4  | {use: lora-plus, rank: 4, alpha: 8}",
        "fp4  | {use: lora-plus, rank: 4, alpha: 8}",
        "int8 | {use: lora-plus, rank: 4, alpha: 8}",
        "nf4  | {use: lora, rank: 4, alpha: 8, dropout: 0.05, targets: all-linear}",
        "fp4  | {use: lora, rank: 4, alpha: 8, dropout: 0.05, targets: all-linear}",
        "int8 | {use: lora, rank: 4, alpha: 8, dropout: 0.05, targets: all-linear}",
      })
  void trainingOnAQuantizedModelIsTrainingThatQuantizesItsModel(String method, String adapter)
      throws IOException {
    Path stored = quantize(method);
    SmallRun run = SmallRun.in(directory);

    succeed(run.train("quantization=" + method, "adapter=" + adapter, "output=loading"));
    succeed(run.train("model=" + stored, "adapter=" + adapter, "output=stored"));
    succeed(
        run.train(
            "model=" + stored, "quantization=" + method, "adapter=" + adapter, "output=both"));

    List<Double> losses = losses("loading");
    assertThat(losses).hasSize(4).doesNotHaveDuplicates();
    assertThat(figures("loading", "grad_norm")).allMatch(norm -> norm > 0);
    assertThat(losses("stored")).isEqualTo(losses);
    assertThat(losses("both")).isEqualTo(losses);
    assertThat(directory.resolve("stored/adapter_model.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("loading/adapter_model.safetensors"));
  }

  private List<Double> losses(String output) throws IOException {
    return figures(output, "loss");
  }

  private List<Double> figures(String output, String key) throws IOException {
    return SmallRun.lines(directory.resolve(output).resolve("metrics.jsonl")).stream()
        .map(line -> line.get(key).asDouble())
        .toList();
  }

  @Test
  void anAdapterOnAQuantizedBaseMergesIntoFloatsOrIntoFourBits() throws IOException {
    SmallRun run = SmallRun.in(directory);
    succeed(run.train("model=" + REFERENCE, "training.learning-rate=0.05"));
    Path expected = directory.resolve("expected.safetensors");
    Logits.of(REFERENCE, Optional.of(run.output()), expected);

    Path dense = directory.resolve("dense");
    merge(run.output(), dense);
    Path fourBits = directory.resolve("four-bits");
    merge(run.output(), fourBits, "--quantize", "nf4");

    assertThat(SmallRun.json(dense.resolve("config.json")).has("quantization_config")).isFalse();
    assertThat(Tensors.in(dense.resolve(FILE)))
        .containsOnlyKeys(Tensors.in(FLOATS.resolve(FILE)).keySet());
    assertThat(difference(expected, "--model", dense)).isLessThan(1e-5);
    assertThat(
            SmallRun.json(fourBits.resolve("config.json"))
                .at("/quantization_config/bnb_4bit_quant_type")
                .asText())
        .isEqualTo("nf4");
    assertThat(difference(expected, "--model", fourBits)).isBetween(1e-6, 0.5);
    try (TensorFile base = SafetensorsFile.open(REFERENCE.resolve(FILE));
        TensorFile merged = SafetensorsFile.open(fourBits.resolve(FILE))) {
      String untouched = "model.layers.1.mlp.up_proj.weight";
      for (String part : List.of("", ".absmax", ".nested_absmax")) {
        assertThat(merged.bytes(untouched + part)).isEqualTo(base.bytes(untouched + part));
      }
      assertThat(text(merged, untouched + ".quant_state.bitsandbytes__nf4"))
          .isEqualTo(text(base, untouched + ".quant_state.bitsandbytes__nf4"));
      assertThat(merged.bytes(QUERY)).isNotEqualTo(base.bytes(QUERY));
    }
  }

  private static void merge(Path adapter, Path output, Object... options) {
    Object[] arguments = {"merge", "--model", REFERENCE, "--adapter", adapter, "--output", output};
    Object[] all = Arrays.copyOf(arguments, arguments.length + options.length);
    System.arraycopy(options, 0, all, arguments.length, options.length);
    CommandRun.succeed(all);
  }

  @Test
  void fullTrainingOfAQuantizedModelLeavesFloats() throws IOException {
    SmallRun run = SmallRun.in(directory);
    succeed(run.train("model=" + REFERENCE, "adapter=full"));

    assertThat(SmallRun.json(run.output().resolve("config.json")).has("quantization_config"))
        .isFalse();
    assertThat(Tensors.in(run.output().resolve(FILE)))
        .containsOnlyKeys(Tensors.in(FLOATS.resolve(FILE)).keySet());
    Path logits = directory.resolve("logits.safetensors");
    Logits.of(run.output(), Optional.empty(), logits);
    assertThat(difference(logits, "--model", run.output())).isLessThan(1e-6);
  }

  @Test
  void aQuantizedModelIsEvaluatedAndContinuesATextInBothPrecisions() throws IOException {
    Path model = SmallRun.copyWithTokenizer("llama-nf4", directory.resolve("model"));
    for (String precision : List.of("float32", "bfloat16")) {
      JsonNode generated =
          CommandRun.succeed(
                  "generate",
                  "--model",
                  model,
                  "--prompt",
                  "Once",
                  "--max-new-tokens",
                  4,
                  "--precision",
                  precision,
                  "--json")
              .json();
      assertThat(generated.get("new_ids").size()).isBetween(1, 4);
    }
    double perplexity =
        CommandRun.succeed(
                "evaluate",
                "perplexity",
                "--model",
                model,
                "--data",
                "{use: token-rows, path: '%s', tensor: data}"
                    .formatted(GOLDEN.resolve("expected/run-longlora.safetensors")),
                "--length",
                "128",
                "--json")
            .json()
            .at("/perplexity/0/perplexity")
            .asDouble();
    assertThat(perplexity).isBetween(100.0, 1000.0);
  }

  @Test
  void nothingIsOverwrittenAndNothingQuantizedTwice() throws IOException {
    Path there = Files.createDirectory(directory.resolve("there"));
    assertRefused(
        CommandRun.of(quantization(FLOATS, "nf4", there)), there + " exists already", "remove it");
    Path free = directory.resolve("free");
    assertRefused(
        CommandRun.of(quantization(REFERENCE, "nf4", free)), "quantized already, as nf4", "float");
    assertRefused(CommandRun.of(quantization(FLOATS, "nf5", free)), "nf5", "fp4, int8, nf4, none");
    assertRefused(CommandRun.of(quantization(FLOATS, "none", free)), "'none' writes no");
    assertRefused(
        CommandRun.of(quantization(FLOATS, "int8", free, "--block-size", "128")),
        "block-size",
        "unknown option");
    assertRefused(
        CommandRun.of(quantization(FLOATS, "nf4", free, "--block-size", "100")),
        "block-size is 100, must be 64, 128");
    assertRefused(
        CommandRun.of(
            "merge",
            "--model",
            FLOATS,
            "--adapter",
            GOLDEN.resolve("adapters/lora"),
            "--output",
            free,
            "--block-size",
            "64"),
        "--quantize, which is missing");
    assertThat(directory.toFile().list()).containsExactly("there");
  }

  @Test
  void aRecipeThatQuantizesOtherwiseThanItsModelIsStoredIsRefused() throws IOException {
    SmallRun run = SmallRun.in(directory);
    CommandRun refused = run.train("model=" + REFERENCE, "quantization=fp4");
    assertRefused(refused, "quantization.use: is 'fp4'", "stored as nf4", "say none or nf4");
    assertRefused(
        run.train("model=" + REFERENCE, "training.recompute=false"), "training.recompute");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gptq", "bitsandbytes"})
  void aConfigThatNoFormatReadsIsNamed(String method) throws IOException {
    Path model = SmallRun.copyOf("llama-nf4", directory.resolve("model"));
    ObjectNode config = (ObjectNode) SmallRun.json(model.resolve("config.json"));
    ObjectNode quantization = (ObjectNode) config.get("quantization_config");
    quantization.put("quant_method", method).put("bnb_4bit_quant_type", "nf3");
    new ObjectMapper().writeValue(model.resolve("config.json").toFile(), config);

    CommandRun refused = CommandRun.of("verify", "--model", model, "--expected", REFERENCE_LOGITS);

    if (method.equals("gptq")) {
      assertRefused(refused, "quantization_config", "(gptq) cannot be read by any plugin");
    } else {
      assertRefused(refused, "bnb_4bit_quant_type: is 'nf3', must be nf4 or fp4");
    }
  }

  @Test
  void tensorsThatDoNotMakeAWeightAreAllNamed() throws IOException {
    Path model = SmallRun.copyOf("llama-nf4", directory.resolve("model"));
    Path file = model.resolve(FILE);
    Files.delete(file);
    try (TensorFile golden = SafetensorsFile.open(REFERENCE.resolve(FILE))) {
      Map<String, TensorEntry> entries = new LinkedHashMap<>(golden.entries());
      entries.remove(QUERY + ".absmax");
      entries.remove("model.layers.1.mlp.up_proj.weight");
      try (SafetensorsWriter writer = new SafetensorsWriter(file, Map.of(), entries)) {
        for (Map.Entry<String, TensorEntry> entry : entries.entrySet()) {
          writer.begin(entry.getKey());
          boolean spoilt = entry.getKey().equals("model.layers.2.mlp.up_proj.weight.quant_map");
          writer.write(
              spoilt
                  ? ByteBuffer.allocate((int) entry.getValue().bytes())
                  : golden.bytes(entry.getKey()));
        }
        writer.commit();
      }
    }
    assertRefused(
        CommandRun.of("verify", "--model", model, "--expected", REFERENCE_LOGITS),
        "tensor " + QUERY + ".absmax is missing, must be U8 (64)",
        "tensor model.layers.1.mlp.up_proj.weight is missing, must hold 5632 bytes of codes",
        "tensor model.layers.2.mlp.up_proj.weight.quant_map holds other levels than its type has");
  }

  private static void assertRefused(CommandRun run, String... parts) {
    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
    assertThat(run.err()).contains(parts);
  }

  private static void succeed(CommandRun run) {
    assertThat(run.exitCode()).as(run.err()).isZero();
  }
}
