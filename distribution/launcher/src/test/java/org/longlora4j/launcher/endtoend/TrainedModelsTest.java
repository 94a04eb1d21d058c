package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.tensor.SafetensorsFile;
import org.longlora4j.core.tensor.SafetensorsWriter;

/** What a run leaves behind is what every other command works on. */
class TrainedModelsTest {
  private static final Path GOLDEN = CommandRun.golden();
  private static final String EMBEDDINGS = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  @TempDir private Path directory;

  @Test
  void fullTrainingLeavesAWholeCheckpoint() throws IOException {
    SmallRun run = SmallRun.in(directory);
    Path model = SmallRun.copyWithTokenizer("llama", directory.resolve("model"));

    succeed(run.train("adapter=full", "model=" + model));

    assertThat(run.output().resolve("adapter_model.safetensors")).doesNotExist();
    assertThat(run.output().resolve("tokenizer.json"))
        .hasSameBinaryContentAs(model.resolve("tokenizer.json"));
    Map<String, float[]> before = Tensors.in(model.resolve("model.safetensors"));
    Map<String, float[]> after = Tensors.in(run.output().resolve("model.safetensors"));
    assertThat(after).containsOnlyKeys(before.keySet());
    after.forEach((name, values) -> assertThat(values).as(name).isNotEqualTo(before.get(name)));
    assertThat(perplexity(run.output())).isLessThan(perplexity(model));
    JsonNode generated =
        CommandRun.succeed(
                "generate",
                "--model",
                run.output(),
                "--prompt",
                "Once",
                "--max-new-tokens",
                5,
                "--json")
            .json();
    assertThat(generated.get("new_ids").size()).isBetween(1, 5);
  }

  private static double perplexity(Path model) throws IOException {
    return CommandRun.succeed(
            "evaluate",
            "perplexity",
            "--model",
            model,
            "--data",
            "{use: token-rows, path: '%s', tensor: data}"
                .formatted(GOLDEN.resolve("expected/run-longlora.safetensors")),
            "--length",
            "256",
            "--json")
        .json()
        .at("/perplexity/0/perplexity")
        .asDouble();
  }

  @Test
  void fullTrainingKeepsATie() throws IOException {
    SmallRun run = SmallRun.on("llama-mha-tied", directory);

    succeed(run.train("adapter=full"));

    assertThat(Tensors.in(run.output().resolve("model.safetensors")))
        .containsKey(EMBEDDINGS)
        .doesNotContainKey(HEAD);
    assertThat(config(run.output()).get("tie_word_embeddings").asBoolean()).isTrue();
    assertThat(perplexity(run.output())).isFinite();
  }

  @Test
  void anAdapterThatTrainsEmbeddingsUntiesTheHead() throws IOException {
    Path model = GOLDEN.resolve("models/llama-mha-tied");
    SmallRun run = SmallRun.on("llama-mha-tied", directory);
    succeed(run.train());
    Path merged = directory.resolve("merged");

    CommandRun merge = merge(model, run.output(), merged);

    assertThat(merge.out()).contains("carries both", "tie_word_embeddings: false");
    assertThat(config(merged).get("tie_word_embeddings").asBoolean()).isFalse();
    Map<String, float[]> base = Tensors.in(model.resolve("model.safetensors"));
    Map<String, float[]> after = Tensors.in(merged.resolve("model.safetensors"));
    assertThat(after.get(HEAD)).isEqualTo(base.get(EMBEDDINGS));
    assertThat(after.get(EMBEDDINGS)).isNotEqualTo(base.get(EMBEDDINGS));
    Path expected = directory.resolve("expected.safetensors");
    Logits.of(merged, Optional.empty(), expected);
    verify(expected, "--model", model, "--adapter", run.output());
    verify(expected, "--model", merged);
  }

  @Test
  void aMergedModelCarriesItsScalingInBothSpellings() throws IOException {
    Path model = SmallRun.copyWithTokenizer("llama", directory.resolve("model"));
    SmallRun run = SmallRun.in(directory);
    succeed(run.train("model=" + model));
    Path merged = directory.resolve("merged");

    merge(model, run.output(), merged);

    JsonNode config = config(merged);
    assertThat(config.get("max_position_embeddings").asInt()).isEqualTo(256);
    assertThat(config.get("rope_theta").asDouble()).isEqualTo(10000);
    assertThat(config.at("/rope_parameters/rope_type").asText()).isEqualTo("linear");
    assertThat(config.at("/rope_parameters/factor").asDouble()).isEqualTo(2);
    assertThat(config.at("/rope_parameters/rope_theta").asDouble()).isEqualTo(10000);
    assertThat(config.at("/rope_scaling/rope_type").asText()).isEqualTo("linear");
    assertThat(config.at("/rope_scaling/type").asText()).isEqualTo("linear");
    assertThat(config.at("/rope_scaling/factor").asDouble()).isEqualTo(2);
    assertThat(merged.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(model.resolve("tokenizer.json"));
    Path expected = directory.resolve("expected.safetensors");
    Logits.of(model, Optional.of(run.output()), expected);
    verify(expected, "--model", merged);
  }

  @Test
  void aShardedBaseStaysSharded() throws IOException {
    Path model = sharded();
    Path merged = directory.resolve("merged");

    merge(model, GOLDEN.resolve("adapters/longlora"), merged);

    JsonNode index = SmallRun.json(merged.resolve("model.safetensors.index.json"));
    JsonNode before = SmallRun.json(model.resolve("model.safetensors.index.json"));
    assertThat(index.get("weight_map")).isEqualTo(before.get("weight_map"));
    assertThat(index.at("/metadata/total_size")).isEqualTo(before.at("/metadata/total_size"));
    for (Map.Entry<String, JsonNode> tensor : index.get("weight_map").properties()) {
      assertThat(Tensors.in(merged.resolve(tensor.getValue().asText())))
          .containsKey(tensor.getKey());
    }
    verify(GOLDEN.resolve("expected/adapter-longlora.safetensors"), "--model", merged);
  }

  /** The tiny Llama in two files, one with the embeddings and the head. */
  private Path sharded() throws IOException {
    Path golden = GOLDEN.resolve("models/llama");
    Path model = Files.createDirectory(directory.resolve("sharded"));
    Files.copy(golden.resolve("config.json"), model.resolve("config.json"));
    List<String> names =
        List.of("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    List<Map<String, TensorEntry>> shards = List.of(new TreeMap<>(), new TreeMap<>());
    ObjectNode index = new ObjectMapper().createObjectNode();
    ObjectNode weightMap = index.putObject("weight_map");
    long size = 0;
    try (TensorFile file = SafetensorsFile.open(golden.resolve("model.safetensors"))) {
      for (Map.Entry<String, TensorEntry> entry : file.entries().entrySet()) {
        int shard = Set.of(EMBEDDINGS, HEAD).contains(entry.getKey()) ? 0 : 1;
        shards.get(shard).put(entry.getKey(), entry.getValue());
        weightMap.put(entry.getKey(), names.get(shard));
        size += entry.getValue().bytes();
      }
      for (int i = 0; i < names.size(); i++) {
        try (SafetensorsWriter writer =
            new SafetensorsWriter(model.resolve(names.get(i)), Map.of(), shards.get(i))) {
          for (String tensor : shards.get(i).keySet()) {
            writer.begin(tensor);
            ByteBuffer bytes = file.bytes(tensor);
            writer.write(bytes);
          }
          writer.commit();
        }
      }
    }
    index.putObject("metadata").put("total_size", size);
    new ObjectMapper().writeValue(model.resolve("model.safetensors.index.json").toFile(), index);
    return model;
  }

  private static void succeed(CommandRun run) {
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  private static CommandRun merge(Path model, Path adapter, Path output) {
    return CommandRun.succeed("merge", "--model", model, "--adapter", adapter, "--output", output);
  }

  private static void verify(Path expected, Object... model) {
    Object[] arguments = new Object[model.length + 5];
    arguments[0] = "verify";
    System.arraycopy(model, 0, arguments, 1, model.length);
    System.arraycopy(
        new Object[] {"--expected", expected, "--tolerance", "1e-5"},
        0,
        arguments,
        model.length + 1,
        4);
    CommandRun.succeed(arguments);
  }

  private static JsonNode config(Path model) throws IOException {
    return SmallRun.json(model.resolve("config.json"));
  }
}
