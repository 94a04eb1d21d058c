package org.longlora4j.plugin.lora;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.core.tensor.TorchServices;

class LoraFormatTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final LowRankKernels KERNELS =
      new LowRankKernels(SERVICES.compiler(), SERVICES.tapes());
  private static final String UNSUPPORTED =
      " is not supported, must be absent, null, false or empty; merge such an adapter into its"
          + " model with PEFT and use the merged model";

  private final RecordedProblems problems = new RecordedProblems();

  @AfterAll
  static void closeServices() {
    SERVICES.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lora", "longlora", "all-linear", "rslora", "dora"})
  void whatPeftSavedIsReadAndWrittenAgain(String adapter) {
    Map<String, Object> saved = Golden.config(adapter);
    AdapterPlan plan = read(saved);
    assertThat(problems.lines()).isEmpty();
    assertThat(plan.projections()).hasSize(adapter.equals("all-linear") ? 21 : 12);
    assertThat(plan.trained()).hasSize(adapter.equals("longlora") ? 8 : 0);
    assertThat(saved).containsAllEntriesOf(plan.config().orElseThrow());
  }

  @Test
  void everyOptionThatWouldChangeTheResultIsRefusedByName() {
    Map<String, Object> refused =
        Map.ofEntries(
            Map.entry("fan_in_fan_out", true),
            Map.entry("layer_replication", List.of(List.of(0, 2))),
            Map.entry("trainable_token_indices", List.of(5)),
            Map.entry("target_parameters", List.of("experts.weight")),
            Map.entry("exclude_modules", List.of("o_proj")),
            Map.entry("use_qalora", true),
            Map.entry("alora_invocation_tokens", List.of(7)),
            Map.entry("lora_bias", true),
            Map.entry("megatron_config", Map.of("tensor_parallel", 2)),
            Map.entry("an_option_yet_to_come", "on"));
    refused.forEach((key, value) -> read(with("lora", key, value)));
    assertThat(problems.lines())
        .containsExactlyInAnyOrderElementsOf(
            refused.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue() + UNSUPPORTED)
                .toList());
  }

  @Test
  void otherKindsOfAdapterAreRefused() {
    read(with("lora", "peft_type", "LOHA"));
    read(with("lora", "task_type", "SEQ_CLS"));
    read(with("lora", "bias", "lora_only"));
    read(with("lora", "init_lora_weights", "pissa"));
    assertThat(problems.lines())
        .containsExactly(
            "peft_type: LOHA is not supported, must be LORA",
            "task_type: SEQ_CLS is not supported, must be CAUSAL_LM",
            "bias: lora_only is not supported, must be none",
            "init_lora_weights: pissa is not supported, must be true, false, gaussian, orthogonal"
                + " or eva, which leave the model's own weights alone");
  }

  @Test
  void howTheAdapterWasDrawnDoesNotMatter() {
    Map<String, Object> config = with("lora", "init_lora_weights", "eva");
    config.put("eva_config", Map.of("rho", 2.0));
    config.put("loftq_config", Map.of("loftq_bits", 4));
    read(config);
    assertThat(problems.lines()).isEmpty();
  }

  @Test
  void missingAndWrongValuesAreReportedTogether() {
    Map<String, Object> config = new HashMap<>(Golden.config("lora"));
    config.put("r", 2.5);
    config.remove("lora_alpha");
    config.put("lora_dropout", 1.0);
    config.put("target_modules", null);
    config.put("modules_to_save", "norm");
    read(config);
    assertThat(problems.lines())
        .containsExactly(
            "r: is 2.5, must be a whole number of at least 1",
            "lora_alpha: is missing, must be a number",
            "lora_dropout: is 1.0, must be at least 0 and below 1",
            "target_modules: is missing, must be a list of module names, all-linear or a regular"
                + " expression",
            "modules_to_save: is norm, must be a list of module names");
  }

  @Test
  void aKeyThatAnOlderPeftDidNotWriteHasItsDefault() {
    Map<String, Object> config =
        Map.of("peft_type", "LORA", "r", 8, "lora_alpha", 16, "target_modules", List.of("q_proj"));
    assertThat(read(config).projections()).hasSize(3);
    assertThat(problems.lines()).isEmpty();
  }

  @Test
  void patternsAndLayersAreReadAndWrittenAgain() {
    Map<String, Object> config = with("lora", "rank_pattern", Map.of("^model.*\\.q_proj", 4));
    config.put("alpha_pattern", Map.of("q_proj", 2.5));
    config.put("layers_to_transform", List.of(2));
    config.put("layers_pattern", "layers");
    AdapterPlan plan = read(config);
    assertThat(problems.lines()).isEmpty();
    assertThat(plan.projections()).hasSize(4).containsKey("model.layers.2.self_attn.o_proj");
    assertThat(plan.projections().get("model.layers.2.self_attn.q_proj").parameters().toString())
        .isEqualTo("{lora_A.weight=(4, 64), lora_B.weight=(64, 4)}");
    assertThat(config).containsAllEntriesOf(plan.config().orElseThrow());
    assertThat(read(with("lora", "layers_to_transform", 1)).projections()).hasSize(4);
    assertThat(read(with("lora", "rank_pattern", Map.of("conv", 4))).projections()).hasSize(12);
    assertThat(problems.lines()).isEmpty();
  }

  @Test
  void patternsAndLayersThatMeanNothingAreRefused() {
    read(with("lora", "rank_pattern", Map.of("q_proj", 0)));
    read(with("lora", "alpha_pattern", List.of(1)));
    read(with("lora", "layers_to_transform", List.of("first")));
    read(with("lora", "layers_pattern", "blocks"));
    read(with("lora", "use_dora", "yes"));
    Map<String, Object> both = with("lora", "layers_to_transform", List.of(0));
    both.put("target_modules", ".*q_proj");
    read(both);
    assertThat(problems.lines())
        .containsExactly(
            "rank_pattern.q_proj: is 0, must be a whole number of at least 1",
            "alpha_pattern: is [1], must be an object",
            "layers_to_transform: is [first], must be a list of layers",
            "layers_pattern: blocks is not supported, must be absent or layers",
            "use_dora: is yes, must be true or false",
            "layers_to_transform: is given beside a regular expression for target_modules, must be"
                + " absent: PEFT refuses both");
  }

  @Test
  void targetsMayBeAllLinearOrARegularExpressionOverFullNames() {
    assertThat(read(with("lora", "target_modules", "all-linear")).projections()).hasSize(21);
    AdapterPlan plan =
        read(with("lora", "target_modules", "model\\.layers\\.[01]\\.self_attn\\.(q|k)_proj"));
    assertThat(plan.projections()).hasSize(4);
    assertThat(plan.config().orElseThrow())
        .containsEntry("target_modules", "model\\.layers\\.[01]\\.self_attn\\.(q|k)_proj");
    assertThat(problems.lines()).isEmpty();

    read(with("lora", "target_modules", "q_proj")); // the middle of a name is no full match
    read(with("lora", "target_modules", "(q_proj"));
    assertThat(problems.lines())
        .containsExactly(
            "target_modules: 'q_proj' matches no module of this model, which has q_proj, k_proj,"
                + " v_proj, o_proj, gate_proj, up_proj, down_proj",
            "target_modules: '(q_proj' is not a regular expression: Unclosed group");
  }

  @Test
  void modulesToSaveMatchByAnyEndAsInPeft() {
    assertThat(read(with("lora", "modules_to_save", List.of("lm_head"))).trained())
        .containsExactly("lm_head");
    assertThat(read(with("lora", "modules_to_save", List.of("norm"))).trained()).hasSize(7);
    assertThat(problems.lines()).isEmpty();

    read(with("lora", "modules_to_save", Arrays.asList("score", "q_proj")));
    assertThat(problems.lines())
        .contains(
            "modules_to_save: 'score' matches no module of this model, which has embed_tokens,"
                + " input_layernorm, q_proj, k_proj, v_proj, o_proj, post_attention_layernorm,"
                + " gate_proj, up_proj, down_proj, norm, lm_head",
            "modules_to_save: 'model.layers.0.self_attn.q_proj' is wrapped as one of"
                + " target_modules too, must be in one of the two");
  }

  private AdapterPlan read(Map<String, Object> config) {
    return new LoraFormat(KERNELS).read(config, problems).plan(Golden.llama(), problems);
  }

  private static Map<String, Object> with(String adapter, String key, Object value) {
    Map<String, Object> config = new HashMap<>(Golden.config(adapter));
    config.put(key, value);
    return config;
  }
}
