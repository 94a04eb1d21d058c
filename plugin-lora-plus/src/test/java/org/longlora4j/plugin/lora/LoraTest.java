package org.longlora4j.plugin.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.NoOptions;
import org.longlora4j.core.plugin.Choice;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.tensor.TorchServices;

class LoraTest {
  private static final TorchServices SERVICES = new TorchServices();
  private static final LowRankKernels KERNELS =
      new LowRankKernels(SERVICES.compiler(), SERVICES.tapes());
  private static final LoraOptions DEFAULTS = new OptionsOf().build();

  private final RecordedProblems problems = new RecordedProblems();

  @AfterAll
  static void closeServices() {
    SERVICES.close();
  }

  @Test
  void allNamesAreFoundAndBuilt() {
    ExtensionRegistry registry =
        ExtensionRegistry.onClassPath(LoraPlusPlugin.class.getClassLoader());
    assertThat(registry.names(AdapterStrategy.class)).contains("lora", "lora-plus");
    var lora = registry.find(AdapterStrategy.class, "lora").orElseThrow();
    assertThat(registry.create(new Choice<>(lora, DEFAULTS), SERVICES)).isInstanceOf(Lora.class);
    var plus = registry.find(AdapterStrategy.class, "lora-plus").orElseThrow();
    assertThat(registry.create(new Choice<>(plus, DEFAULTS), SERVICES))
        .isInstanceOf(ImprovedLora.class);
    var dora = registry.find(AdapterStrategy.class, "dora").orElseThrow();
    assertThat(registry.create(new Choice<>(dora, DEFAULTS), SERVICES))
        .isInstanceOf(DecomposedLora.class);
    var rslora = registry.find(AdapterStrategy.class, "rslora").orElseThrow();
    assertThat(registry.create(new Choice<>(rslora, DEFAULTS), SERVICES))
        .isInstanceOf(RankStabilizedLora.class);
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
    AdapterPlan plan = plan(new ImprovedLora(DEFAULTS, KERNELS));
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
  void ofAGptNeoxTheFusedProjectionAndTheOutputOfAttentionAreWrapped() {
    AdapterPlan plan = new ImprovedLora(DEFAULTS, KERNELS).plan(Golden.gptNeox(), problems);
    assertThat(problems.lines()).isEmpty();
    assertThat(plan.projections())
        .containsOnlyKeys(
            "gpt_neox.layers.0.attention.query_key_value", "gpt_neox.layers.0.attention.dense");
    assertThat(plan.trained())
        .containsExactlyInAnyOrder(
            "gpt_neox.embed_in",
            "gpt_neox.layers.0.input_layernorm",
            "gpt_neox.layers.0.post_attention_layernorm",
            "gpt_neox.final_layer_norm");
    assertThat(plan.config().orElseThrow())
        .containsEntry("target_modules", List.of("query_key_value", "dense"));
  }

  @Test
  void doraAndRankStabilizedLoraSayWhatPeftSays() {
    AdapterPlan dora = plan(new DecomposedLora(DEFAULTS, KERNELS));
    assertThat(dora.projections().get("model.layers.0.self_attn.k_proj").parameters().toString())
        .isEqualTo("{lora_A.weight=(8, 64), lora_B.weight=(32, 8), lora_magnitude_vector=(32)}");
    assertSaysWhatPeftSays(dora, "dora");
    LoraOptions wide = new OptionsOf().rank(16).build();
    assertSaysWhatPeftSays(plan(new RankStabilizedLora(wide, KERNELS)), "rslora");
  }

  @Test
  void ranksAndAlphasDifferByPatternAsInPeft() {
    AdapterPlan plan =
        plan(
            lora(
                new OptionsOf()
                    .targets("q_proj", "v_proj", "up_proj")
                    .rankPattern(Map.of("layers\\.[12]\\.self_attn\\.v_proj", 2))
                    .alphaPattern(Map.of("up_proj", 4.5, "q_proj", 32))
                    .build()));
    assertThat(rank(plan, "model.layers.0.self_attn.v_proj")).isEqualTo(8);
    assertThat(rank(plan, "model.layers.1.self_attn.v_proj")).isEqualTo(2);
    assertThat(rank(plan, "model.layers.2.self_attn.q_proj")).isEqualTo(8);
    assertThat(plan.config().orElseThrow())
        .containsEntry("rank_pattern", Map.of("layers\\.[12]\\.self_attn\\.v_proj", 2))
        .containsEntry("alpha_pattern", Map.of("up_proj", 4.5, "q_proj", 32));
  }

  @Test
  void aPatternHoldsForWholePartsOfANameAndTheFirstThatMatchesWins() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("layers\\.0\\..*", 1.0);
    values.put("q_proj", 2.0);
    values.put("proj", 3.0);
    NamePatterns patterns = new NamePatterns(values);
    assertThat(patterns.of("model.layers.0.self_attn.q_proj")).hasValue(1);
    assertThat(patterns.of("model.layers.1.self_attn.q_proj")).hasValue(2);
    assertThat(patterns.of("model.layers.1.self_attn.k_proj")).isEmpty();
  }

  @Test
  void layersConfineTheTargets() {
    AdapterPlan plan = plan(lora(new OptionsOf().targets("q_proj").layers(0, 2).build()));
    assertThat(plan.projections())
        .containsOnlyKeys("model.layers.0.self_attn.q_proj", "model.layers.2.self_attn.q_proj");
    assertThat(plan.config().orElseThrow()).containsEntry("layers_to_transform", List.of(0, 2));
  }

  @Test
  void whatTrainsWholeCanBeChosen() {
    LoraOptions head = new OptionsOf().train(Trainable.HEAD, Trainable.NORMS).build();
    for (LoraStrategy strategy : List.of(lora(head), new ImprovedLora(head, KERNELS))) {
      AdapterPlan plan = plan(strategy);
      assertThat(plan.trained()).hasSize(8).contains("lm_head", "model.norm");
      assertThat(plan.config().orElseThrow())
          .containsEntry(
              "modules_to_save",
              List.of("input_layernorm", "post_attention_layernorm", "norm", "lm_head"));
    }
    LoraOptions nothing = new OptionsOf().train().build();
    assertThat(plan(new ImprovedLora(nothing, KERNELS)).trained()).isEmpty();
  }

  @Test
  void learningRatesDifferByGroup() {
    LoraOptions options =
        new OptionsOf()
            .targets("q_proj")
            .layers(1)
            .factors(new LearningRateFactors(16, 0.5, 1, 1))
            .build();
    assertThat(plan(new ImprovedLora(options, KERNELS)).learningRateFactors())
        .isEqualTo(
            Map.of(
                "model.layers.1.self_attn.q_proj.lora_B.weight",
                16.0,
                "model.embed_tokens.weight",
                0.5,
                "model.embed_tokens.bias",
                0.5));
    assertThat(plan(lora(DEFAULTS)).learningRateFactors()).isEmpty();
  }

  @Test
  void anAdapterThatBeginsWithPartOfTheModelIsSavedAsAnOrdinaryOneOfTwiceTheRank() {
    OptionsOf options =
        new OptionsOf()
            .init(Initialization.PISSA)
            .rankPattern(Map.of("q_proj", 4))
            .alphaPattern(Map.of("v_proj", 6));
    AdapterPlan plan = plan(lora(options.build()));
    assertThat(rank(plan, "model.layers.0.self_attn.k_proj")).isEqualTo(16);
    assertThat(rank(plan, "model.layers.0.self_attn.q_proj")).isEqualTo(8);
    assertThat(plan.config().orElseThrow())
        .containsEntry("init_lora_weights", true)
        .containsEntry("r", 16)
        .containsEntry("lora_alpha", 32)
        .containsEntry("rank_pattern", Map.of("q_proj", 8))
        .containsEntry("alpha_pattern", Map.of("v_proj", 12));
    RankStabilizedLora stabilized =
        new RankStabilizedLora(new OptionsOf().init(Initialization.PISSA).build(), KERNELS);
    assertThat((double) plan(stabilized).config().orElseThrow().get("lora_alpha"))
        .isCloseTo(16 * Math.sqrt(2), within(1e-12));
  }

  private static long rank(AdapterPlan plan, String module) {
    return plan.projections().get(module).parameters().get("lora_A.weight").get(0);
  }

  @Test
  void choicesThatDoNotFitTheModelAreNamed() {
    LoraOptions options =
        new OptionsOf()
            .targets("q_proj")
            .layers(1, 7)
            .rankPattern(Map.of("v_proj", 2))
            .alphaPattern(Map.of("x_proj", 2))
            .build();
    lora(options).plan(Golden.llama(), problems);
    assertThat(problems.lines())
        .containsExactly(
            "layers: this model has no layer 7, but 3 layers, counted from 0",
            "rank-pattern: 'v_proj' matches no wrapped projection, which are q_proj",
            "alpha-pattern: 'x_proj' matches no wrapped projection, which are q_proj");
  }

  @Test
  void aHeadThatIsTheEmbeddingsIsNotTrainedApart() {
    List<ModelModule> tied = Golden.llama().subList(0, Golden.llama().size() - 1);
    lora(new OptionsOf().train(Trainable.HEAD).build()).plan(tied, problems);
    assertThat(problems.lines())
        .containsExactly(
            "train: has head, but this model's head is its embeddings (tie_word_embeddings)");
  }

  @Test
  void aBeginningThatCannotBeIsRefused() {
    new DecomposedLora(new OptionsOf().init(Initialization.PISSA).build(), KERNELS)
        .plan(Golden.llama(), problems);
    lora(new OptionsOf().targets("k_proj").layers(0).rank(33).init(Initialization.LOFTQ).build())
        .plan(Golden.llama(), problems);
    assertThat(problems.lines())
        .containsExactly(
            "init: is not default, must be under dora: magnitudes of the whole weight do not fit a"
                + " direction that begins with a part of it",
            "rank: is 33 for 'model.layers.0.self_attn.k_proj', must be at most 32 there: its"
                + " weight has no more directions to begin with");
  }

  @Test
  void patternsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new OptionsOf().rankPattern(Map.of("q_proj", 1.5)).build())
        .hasMessage("rank-pattern.q_proj is 1.5, must be a whole number of at least 1");
    assertThatThrownBy(() -> new OptionsOf().alphaPattern(Map.of("q_proj", "high")).build())
        .hasMessage("alpha-pattern.q_proj is high, must be a number greater than 0");
    assertThatThrownBy(() -> new OptionsOf().rankPattern(Map.of("(q_proj", 2)).build())
        .hasMessageStartingWith("rank-pattern has '")
        .hasMessageEndingWith("which is not a regular expression: Unclosed group");
  }

  @Test
  void aStrategyGoesOnWithAnAdapterOfItsOwnKind() {
    LoraOptions dropout = new OptionsOf().dropout(0.25).build();
    AdapterPlan dora =
        plan(new DecomposedLora(dropout, KERNELS).continueFrom(Golden.config("dora"), problems));
    assertThat(dora.config().orElseThrow()).containsEntry("use_dora", true);
    AdapterPlan plain = plan(lora(dropout).continueFrom(Golden.config("rslora"), problems));
    assertThat(plain.config().orElseThrow()).containsEntry("use_rslora", true);

    new DecomposedLora(DEFAULTS, KERNELS).continueFrom(Golden.config("lora"), problems);
    new RankStabilizedLora(DEFAULTS, KERNELS).continueFrom(Golden.config("dora"), problems);
    assertThat(problems.lines())
        .containsExactly(
            "use: is dora, but the adapter that start-from names was saved without use_dora: use"
                + " lora",
            "use: is rslora, but the adapter that start-from names was saved without use_rslora:"
                + " use lora");
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
            "targets is empty, must name a projection; leave it out for those of attention");
  }

  @Test
  void aSavedAdaptersSettingsHoldWhenItGoesOn() {
    Map<String, Object> saved = new HashMap<>(Golden.config("longlora"));
    saved.put("r", 4);
    saved.put("lora_dropout", 0.5);
    LoraOptions options = new OptionsOf().dropout(0.1).build();
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
    LoraOptions options =
        new OptionsOf()
            .rank(8)
            .alpha(16)
            .rankPattern(Map.of("q_proj", 4))
            .alphaPattern(Map.of("q_proj", 4))
            .targets("q_proj")
            .layers(0)
            .train(Trainable.NORMS)
            .init(Initialization.PISSA)
            .build();
    lora(options).continueFrom(Golden.config("lora"), problems);
    String fixed = "is given by the adapter that start-from names, must not be in the recipe too";
    assertThat(problems.lines())
        .containsExactlyElementsOf(
            Stream.of(
                    "rank",
                    "alpha",
                    "rank-pattern",
                    "alpha-pattern",
                    "targets",
                    "layers",
                    "train",
                    "init")
                .map(key -> key + ": " + fixed)
                .toList());
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
    return new Lora(options, KERNELS);
  }

  private static LoraOptions options(int rank, double alpha, double dropout, String... targets) {
    return new OptionsOf().rank(rank).alpha(alpha).dropout(dropout).targets(targets).build();
  }
}
