package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training from nothing: the way to a model of one's own. */
class RandomWeightsRunTest {
  private static final String RECIPE =
      """
      model:
        init:
          architectures: [LlamaForCausalLM]
          model_type: llama
          hidden_size: 32
          intermediate_size: 64
          num_hidden_layers: 2
          num_attention_heads: 2
          max_position_embeddings: 64
          vocab_size: 320
          dtype: bfloat16
        seed: 5
      context: 96
      data: { use: token-rows, path: %s, tensor: input_ids }
      training: { steps: 3, learning-rate: 1e-2, precision: float32 }
      """;

  @TempDir private Path directory;

  private Path recipe() throws IOException {
    Path data = CommandRun.golden().resolve("expected/llama.safetensors");
    return Files.writeString(directory.resolve("pretrain.yaml"), RECIPE.formatted(data));
  }

  private List<Double> losses(String output, String... settings) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("train", recipe()));
    arguments.addAll(List.of("--set", "output=" + output));
    for (String setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    CommandRun.succeed(arguments.toArray());
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(directory.resolve(output).resolve("metrics.jsonl"))) {
      losses.add(new ObjectMapper().readTree(line).get("loss").asDouble());
    }
    return losses;
  }

  @Test
  void aModelIsTrainedFromNothingAndCanBeUsed() throws IOException {
    List<Double> losses = losses("first");

    // Random weights know nothing: the loss begins near that of a uniform guess among 320 tokens.
    assertThat(losses.get(0)).isBetween(Math.log(320) - 0.1, Math.log(320) + 0.1);
    assertThat(losses.get(2)).isLessThan(losses.get(0));
    Path model = directory.resolve("first");
    JsonNode config = new ObjectMapper().readTree(model.resolve("config.json").toFile());
    assertThat(config.get("hidden_size").asInt()).isEqualTo(32);
    CommandRun.succeed(
        "evaluate",
        "perplexity",
        "--model",
        model,
        "--data",
        "{use: token-rows, path: %s, tensor: input_ids}"
            .formatted(CommandRun.golden().resolve("expected/llama.safetensors")));
  }

  @Test
  void theSameRecipeGivesTheSameModelAndAnotherSeedAnother() throws IOException {
    assertThat(losses("first")).isEqualTo(losses("second"));
    assertThat(directory.resolve("first/model.safetensors"))
        .hasSameBinaryContentAs(directory.resolve("second/model.safetensors"));
    assertThat(losses("third", "model.seed=6")).isNotEqualTo(losses("fourth"));
  }

  @Test
  void anAdapterWouldBelongToNoCheckpoint() throws IOException {
    CommandRun run = CommandRun.of("train", recipe(), "--set", "adapter=lora");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "--set adapter=lora: adapter.use: is 'lora', must be full where model.init draws the"
                + " weights: an adapter would belong to no checkpoint [does-not-fit]\n");
  }

  @Test
  void aMistakeInTheConfigurationIsNamedByItsKeyInTheRecipe() throws IOException {
    CommandRun run = CommandRun.of("train", recipe(), "--set", "model.init.hidden_size=none");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            recipe() + ": model.init.hidden_size: is \"none\", must be a positive whole number\n");
  }
}
