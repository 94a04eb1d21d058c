package org.longlora4j.launcher.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is planned from a config.json, beside what is there when the model is. */
class PlanTest {
  /** The projections of Llama-2-7B: four of 4096 × 4096 and three of 4096 × 11008 a layer. */
  private static final long PROJECTIONS_7B = 32L * (4 * 4096 * 4096 + 3 * 4096 * 11008);

  private static final long TABLE_7B = 32000L * 4096;

  private static final String CONFIG_7B =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096,
       "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
       "num_key_value_heads": 32, "vocab_size": 32000, "max_position_embeddings": 4096,
       "rms_norm_eps": 1e-5, "tie_word_embeddings": false}
      """;

  private static final String RECIPE_7B =
      """
      model: llama
      context: 8192
      attention: { use: s2-attn, group-ratio: 0.25 }
      adapter: { use: lora, rank: 64, alpha: 16, targets: all-linear }
      position: linear
      quantization: nf4
      data: { use: text, path: not-there.txt }
      training: { steps: 1000, precision: bfloat16 }
      """;

  @TempDir private Path directory;

  private static JsonNode plan(Path recipe, String... settings) throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("plan", recipe, "--json"));
    for (String setting : settings) {
      arguments.addAll(setting.startsWith("--") ? List.of(setting.split(" ")) : set(setting));
    }
    return CommandRun.succeed(arguments.toArray()).json();
  }

  private static List<String> set(String setting) {
    return List.of("--set", setting);
  }

  /** A recipe for a model of which there is a config.json and nothing else. */
  private Path recipe7b() throws IOException {
    Files.writeString(
        Files.createDirectories(directory.resolve("llama")).resolve("config.json"), CONFIG_7B);
    return Files.writeString(directory.resolve("recipe.yaml"), RECIPE_7B);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama | adapter=lora",
        "llama | adapter=lora-plus",
        "llama | adapter={use: lora, targets: all-linear, rank: 16}",
        "llama | adapter=full",
        "llama | quantization=nf4",
        "llama | quantization={use: nf4, double-quantization: false, block-size: 128}",
        "llama | quantization=fp4",
        "llama | quantization=int8",
        "llama | training.optimizer=adamw-8bit",
        "llama | training.precision=bfloat16",
        "qwen2 | quantization=nf4",
        "llama-mha-tied | adapter=lora-plus",
        "llama-mha-tied | adapter=full",
        "llama-nf4 | adapter=lora"
      })
  void theTensorsOfARunTakeTheBytesThatWerePlanned(String model, String setting)
      throws IOException {
    SmallRun run = SmallRun.on(model, directory);
    String[] settings = {setting, "training.steps=1", "training.checkpoint-every=0"};
    CommandRun trained = run.train(settings);
    assertThat(trained.exitCode()).as(trained.err()).isZero();

    JsonNode plan = plan(run.recipe(), settings);
    JsonNode memory = plan.get("memory");
    JsonNode found = SmallRun.json(run.output().resolve("summary.json")).get("memory_bytes");
    // The model holds a number of the session's precision beside its weights, as a pattern.
    int pattern = plan.get("precision").asText().equals("BFLOAT16") ? 2 : 4;
    assertThat(
            memory.get("frozen_weights").asLong()
                + memory.get("scales").asLong()
                + memory.get("read_back_buffers").asLong()
                + pattern)
        .isEqualTo(found.get("frozen_weights").asLong());
    for (String part : List.of("trained_parameters", "gradients", "optimizer_state")) {
      assertThat(memory.get(part).asLong()).as(part).isEqualTo(found.get(part).asLong());
    }
  }

  @Test
  void aModelIsPlannedOfWhichThereIsAConfigAlone() throws IOException {
    JsonNode plan = plan(recipe7b(), "--memory 24GB");

    long adapters = 32L * 64 * (4 * (4096 + 4096) + 3 * (4096 + 11008));
    assertThat(plan.get("trained_parameters").asLong()).isEqualTo(adapters);
    JsonNode memory = plan.get("memory");
    assertThat(memory.get("frozen_weights").asLong())
        .isEqualTo(PROJECTIONS_7B / 2 + 2 * TABLE_7B * 2 + 65 * 4096 * 4);
    assertThat(memory.get("scales").asLong())
        .isEqualTo(PROJECTIONS_7B / 64 + PROJECTIONS_7B / 64 / 256 * 4);
    assertThat(memory.get("optimizer_state").asLong()).isEqualTo(8 * adapters);
    assertThat(memory.get("layer_inputs").asLong()).isEqualTo(32L * 8192 * 4096 * 2);
    assertThat(plan.get("recompute").asText()).isEqualTo("true");
  }

  @Test
  void arithmeticIsCountedByPart() throws IOException {
    JsonNode arithmetic = plan(recipe7b(), "--memory 24GB").get("arithmetic");

    long group = 2048;
    long half = group / 2;
    long plain = 4 * group * (group + 1) / 2;
    long shifted = 3 * group * (group + 1) / 2 + 2 * (half * (half + 1) / 2);
    long pairs = 32 * 16 * (plain + shifted);
    JsonNode attention = part(arithmetic, "ATTENTION");
    assertThat(attention.get("needed").asLong()).isEqualTo(12 * 128 * pairs);
    assertThat(attention.get("carried_out").asLong()).isEqualTo(18 * 128 * pairs);
    long products =
        part(arithmetic, "PROJECTIONS").get("needed").asLong()
            + part(arithmetic, "MLP").get("needed").asLong();
    assertThat(products).isEqualTo(4 * 8192 * PROJECTIONS_7B);
    assertThat(part(arithmetic, "HEAD").get("carried_out").asLong()).isEqualTo(4 * 8192 * TABLE_7B);
    assertThat(arithmetic.get("carried_out").asDouble()).isCloseTo(350e12, within(3e12));
  }

  /** Attention and the last projection, which has no adapter, are left out of the second pass. */
  @Test
  void whatIsKeptIsNotRunAgain() throws IOException {
    Path recipe = recipe7b();
    String attentionOnly = "adapter={ use: lora, rank: 8, alpha: 16, targets: [q_proj] }";
    JsonNode all = plan(recipe, attentionOnly, "training.recompute=true");
    JsonNode kept = plan(recipe, attentionOnly, "training.recompute=keep-attention");

    long inputs = 32L * 8192 * 4096 * 2;
    assertThat(all.get("recompute").asText()).isEqualTo("true");
    assertThat(kept.get("recompute").asText()).isEqualTo("keep-attention");
    assertThat(all.get("memory").get("layer_inputs").asLong()).isEqualTo(inputs);
    assertThat(kept.get("memory").get("layer_inputs").asLong()).isEqualTo(2 * inputs);
    JsonNode attention = part(kept.get("arithmetic"), "ATTENTION");
    assertThat(attention.get("recomputation").asLong()).isZero();
    assertThat(part(all.get("arithmetic"), "ATTENTION").get("recomputation"))
        .isEqualTo(attention.get("forward"));
    JsonNode mlp = part(all.get("arithmetic"), "MLP");
    assertThat(mlp.get("recomputation").asLong() * 3).isEqualTo(mlp.get("forward").asLong() * 2);
  }

  @ParameterizedTest
  @CsvSource({
    "24GB, true, true",
    "36GB, keep-attention, keep-attention",
    "40GB, keep-attention, mlp",
    "4000GB, keep-attention, false"
  })
  void memoryDecidesWhatIsKept(String memory, String quantized, String plain) throws IOException {
    Path recipe = recipe7b(); // 2.1 GB of attention's results
    assertThat(plan(recipe, "--memory " + memory).get("recompute").asText()).isEqualTo(quantized);
    assertThat(plan(recipe, "quantization=none", "--memory " + memory).get("recompute").asText())
        .isEqualTo(plain);
  }

  @Test
  void whatAPatternOfItsOwnGaveIsNotKept() throws IOException {
    Path recipe = recipe7b();
    JsonNode own = plan(recipe, "attention={ use: s2-attn, variant: rolled }", "--memory 40GB");
    assertThat(own.get("recompute").asText()).isEqualTo("true");
  }

  private static JsonNode part(JsonNode arithmetic, String name) {
    for (JsonNode part : arithmetic.get("parts")) {
      if (part.get("name").asText().equals(name)) {
        return part;
      }
    }
    throw new AssertionError(name + " is no part of " + arithmetic);
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "mlp"})
  void whatDoesNotFitIsToldWhatItWouldTakeOtherwise(String recompute) throws IOException {
    Path recipe = recipe7b();
    String[] large = {"quantization=none", "training.recompute=" + recompute};
    JsonNode plan = plan(recipe, "--memory 12GB", large[0], large[1]);

    assertThat(plan.get("fits").asBoolean()).isFalse();
    List<String> single = new ArrayList<>();
    boolean anyFits = false;
    for (JsonNode alternative : plan.get("alternatives")) {
      assertThat(alternative.get("peak_bytes").asLong())
          .isLessThan(plan.get("peak_bytes").asLong());
      List<String> settings = new ArrayList<>(List.of(large));
      alternative.get("settings").forEach(setting -> settings.add(setting.asText()));
      single.add(settings.get(2));
      anyFits |= alternative.get("fits").asBoolean();
      JsonNode again = plan(recipe, settings.toArray(String[]::new));
      assertThat(again.get("peak_bytes")).isEqualTo(alternative.get("peak_bytes"));
    }
    assertThat(single).contains("training.recompute=true");
    assertThat(plan.get("alternatives").toString()).contains("quantization=nf4");
    assertThat(anyFits).isTrue();
    assertThat(plan(recipe, "--memory 80GB").get("fits").asBoolean()).isTrue();
  }

  @Test
  void peopleReadTheSameInTables() throws IOException {
    CommandRun run = CommandRun.succeed("plan", recipe7b(), "--memory", "6GB");

    assertThat(run.out())
        .contains("frozen weights       3.76 GB")
        .contains("It does NOT fit into 6.00 GB")
        .contains("--set 'training.optimizer={use: adamw-8bit, betas: [0.9, 0.999], eps: 1.0e-8,");
    assertThat(CommandRun.succeed("plan", recipe7b(), "--memory", "24GiB").out())
        .contains("It fits into 25.8 GB.")
        .doesNotContain("--set");
  }

  @Test
  void aModelOfRandomWeightsIsPlanned() throws IOException {
    Path recipe =
        Files.writeString(
            directory.resolve("random.yaml"),
            """
            model:
              init: { architectures: [LlamaForCausalLM], model_type: llama, hidden_size: 32,
                      intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 2,
                      max_position_embeddings: 64, vocab_size: 320 }
            context: 96
            data: { use: text, path: not-there.txt }
            training: { steps: 3, precision: float32 }
            """);

    JsonNode plan = plan(recipe);

    long parameters = 2 * 320 * 32 + 2 * (4 * 32 * 32 + 3 * 32 * 64 + 2 * 32) + 32;
    assertThat(plan.get("trained_parameters").asLong()).isEqualTo(parameters);
    assertThat(plan.get("memory").get("frozen_weights").asLong()).isZero();
    assertThat(plan.get("tokens_per_step").asLong()).isEqualTo(96);
  }

  @ParameterizedTest
  @ValueSource(strings = {"much", "-1GB", "0", "12 parsecs"})
  void memoryMustBeAnAmount(String memory) throws IOException {
    CommandRun run = CommandRun.of("plan", recipe7b(), "--memory=" + memory);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--memory").contains("'" + memory + "'");
  }

  @Test
  void whatDoesNotFitTheModelIsFoundBeforeAnythingIsLoaded() throws IOException {
    CommandRun run =
        CommandRun.of("plan", recipe7b(), "--set", "adapter={use: lora, targets: [w_proj]}");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("adapter.targets: 'w_proj' matches no module");
  }
}
