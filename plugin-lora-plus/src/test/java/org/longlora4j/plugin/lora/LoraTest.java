package org.longlora4j.plugin.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.tensor.TorchServices;

class LoraTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final LoraOptions DEFAULTS =
      new LoraOptions(OptionalInt.empty(), OptionalDouble.empty(), 0, Optional.empty());

  private final RecordedProblems problems = new RecordedProblems();

  @AfterAll
  static void closeServices() {
    SERVICES.close();
  }

  @Test
  void allThreeNamesAreFoundAndBuilt() {
    ExtensionRegistry registry =
        ExtensionRegistry.onClassPath(LoraPlusPlugin.class.getClassLoader());
    assertThat(registry.names(AdapterStrategy.class)).contains("lora", "lora-plus");
    var lora = registry.find(AdapterStrategy.class, "lora").orElseThrow();
    assertThat(registry.create(new Choice<>(lora, DEFAULTS), SERVICES)).isInstanceOf(Lora.class);
    var plus = registry.find(AdapterStrategy.class, "lora-plus").orElseThrow();
    assertThat(registry.create(new Choice<>(plus, DEFAULTS), SERVICES))
        .isInstanceOf(ImprovedLora.class);
    var format = registry.find(AdapterFormat.class, "lora").orElseThrow();
    assertThat(registry.create(new Choice<>(format, new NoOptions()), SERVICES))
        .isInstanceOf(LoraFormat.class);
  }

  @Test
  void loraWrapsTheAttentionsProjectionsAndTrainsNoModuleWhole() {
    AdapterPlan plan = plan(lora(DEFAULTS));
    assertThat(plan.projections())
        .hasSize(12)
        .containsKeys("model.layers.0.self_attn.q_proj", "model.layers.2.self_attn.o_proj");
    assertThat(plan.trained()).isEmpty();
    assertThat(plan.config().orElseThrow()).doesNotContainKey("modules_to_save");
    assertSaysWhatPeftSays(plan, "lora");
  }

  @Test
  void improvedLoraTrainsEmbeddingsAndNormsToo() {
    AdapterPlan plan = plan(new ImprovedLora(DEFAULTS, SERVICES.compiler()));
    assertThat(plan.projections()).hasSize(12);
    assertThat(plan.trained())
        .containsExactlyInAnyOrder(
            "model.embed_tokens",
            "model.layers.0.input_layernorm",
            "model.layers.0.post_attention_layernorm",
            "model.layers.1.input_layernorm",
            "model.layers.1.post_attention_layernorm",
            "model.layers.2.input_layernorm",
            "model.layers.2.post_attention_layernorm",
            "model.norm");
    assertThat(plan.config().orElseThrow()).containsKey("modules_to_save");
    assertSaysWhatPeftSays(plan, "longlora");
  }

  @Test
  void allLinearIsEveryProjectionButNotTheHead() {
    AdapterPlan plan = plan(lora(options(4, 8, 0, "all-linear")));
    assertThat(plan.projections()).hasSize(21).doesNotContainKey("lm_head");
    assertSaysWhatPeftSays(plan, "all-linear");
  }

  @Test
  void aTargetIsAFullNameOrTheLastPartsOfOne() {
    assertThat(
            plan(lora(options(4, 8, 0, "model.layers.1.mlp.up_proj", "layers.0.self_attn.q_proj")))
                .projections())
        .containsOnlyKeys("model.layers.1.mlp.up_proj", "model.layers.0.self_attn.q_proj");
  }

  @Test
  void rankAndAlphaAreWrittenAsPeftWritesThem() {
    assertThat(plan(lora(options(3, 4.5, 0.05, "q_proj"))).config().orElseThrow())
        .containsEntry("r", 3)
        .containsEntry("lora_alpha", 4.5)
        .containsEntry("lora_dropout", 0.05)
        .containsEntry("target_modules", List.of("q_proj"));
    assertThat(plan(lora(options(3, 32, 0, "q_proj"))).config().orElseThrow())
        .containsEntry("lora_alpha", 32);
  }

  @Test
  void aTargetThatMatchesNothingIsNamedWithWhatThereIs() {
    lora(options(8, 16, 0, "q_proj", "query", "proj")).plan(Golden.llama(), problems);
    assertThat(problems.lines())
        .containsExactly(
            "targets: 'query' matches no module of this model, which has q_proj, k_proj, v_proj,"
                + " o_proj, gate_proj, up_proj, down_proj",
            "targets: 'proj' matches no module of this model, which has q_proj, k_proj, v_proj,"
                + " o_proj, gate_proj, up_proj, down_proj");
  }

  @Test
  void aTargetThatIsNoProjectionIsRefused() {
    AdapterPlan plan = lora(options(8, 16, 0, "q_proj", "lm_head")).plan(Golden.llama(), problems);
    assertThat(problems.lines())
        .containsExactly(
            "targets: 'lm_head' is no projection of a decoder layer, must be one of q_proj, k_proj,"
                + " v_proj, o_proj, gate_proj, up_proj, down_proj");
    assertThat(plan.projections()).doesNotContainKey("lm_head");
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> options(8, 0, 0, "q_proj"))
        .hasMessage("alpha is 0.0, must be a finite number greater than 0");
    assertThatThrownBy(() -> options(8, 16, 1, "q_proj"))
        .hasMessage("dropout is 1.0, must be at least 0 and below 1");
    assertThatThrownBy(() -> options(8, 16, 0, "all-linear", "lm_head"))
        .hasMessage("targets has all-linear beside other names, must have it alone or not at all");
    assertThatThrownBy(() -> options(8, 16, 0))
        .hasMessage(
            "targets is empty, must name a projection; leave it out for"
                + " [q_proj, k_proj, v_proj, o_proj]");
  }

  @Test
  void aSavedAdaptersSettingsHoldWhenItGoesOn() {
    Map<String, Object> saved = new HashMap<>(Golden.config("longlora"));
    saved.put("r", 4);
    saved.put("lora_dropout", 0.5);
    LoraOptions options =
        new LoraOptions(OptionalInt.empty(), OptionalDouble.empty(), 0.1, Optional.empty());
    AdapterPlan plan = plan(lora(options).continueFrom(saved, problems));
    assertThat(plan.config().orElseThrow())
        .containsEntry("r", 4)
        .containsEntry("lora_dropout", 0.1)
        .containsEntry("modules_to_save", saved.get("modules_to_save"));
    assertThat(plan.trained()).hasSize(8);
    assertThat(plan.projections().get("model.layers.0.self_attn.q_proj").parameters().toString())
        .isEqualTo("{lora_A.weight=(4, 64), lora_B.weight=(64, 4)}");
  }

  @Test
  void aRecipeThatContradictsTheSavedAdapterIsRefused() {
    lora(options(8, 16, 0, "q_proj")).continueFrom(Golden.config("lora"), problems);
    String fixed = "is given by the adapter that start-from names, must not be in the recipe too";
    assertThat(problems.lines())
        .containsExactly("rank: " + fixed, "alpha: " + fixed, "targets: " + fixed);
  }

  @Test
  void problemsOfASavedAdapterNameItsFile() {
    Map<String, Object> saved = new HashMap<>(Golden.config("lora"));
    saved.put("bias", "all");
    saved.put("target_modules", List.of("c_attn"));
    lora(DEFAULTS).continueFrom(saved, problems).plan(Golden.llama(), problems);
    assertThat(problems.lines())
        .containsExactly(
            "start-from: adapter_config.json: bias: all is not supported, must be none",
            "start-from: adapter_config.json: target_modules: 'c_attn' matches no module of this"
                + " model, which has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj,"
                + " down_proj");
  }

  /** Every key that we write has the value that PEFT wrote, lists in any order. */
  private static void assertSaysWhatPeftSays(AdapterPlan plan, String adapter) {
    Map<String, Object> expected = Golden.config(adapter);
    Map<String, Object> written = plan.config().orElseThrow();
    assertThat(written)
        .containsKeys("peft_type", "task_type", "r", "lora_alpha", "target_modules", "bias");
    written.forEach(
        (key, value) ->
            assertThat(unordered(value)).as(key).isEqualTo(unordered(expected.get(key))));
  }

  private static Object unordered(Object value) {
    return value instanceof List<?> list ? new HashSet<>(list) : value;
  }

  private AdapterPlan plan(AdapterStrategy strategy) {
    AdapterPlan plan = strategy.plan(Golden.llama(), problems);
    assertThat(problems.lines()).isEmpty();
    return plan;
  }

  private static Lora lora(LoraOptions options) {
    return new Lora(options, SERVICES.compiler());
  }

  private static LoraOptions options(int rank, double alpha, double dropout, String... targets) {
    return new LoraOptions(
        OptionalInt.of(rank), OptionalDouble.of(alpha), dropout, Optional.of(List.of(targets)));
  }
}
