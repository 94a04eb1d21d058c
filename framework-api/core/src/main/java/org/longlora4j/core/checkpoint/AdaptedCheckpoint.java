package org.longlora4j.core.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterFormat;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.data.Tokenizer;
import org.longlora4j.core.data.TokenizerFiles;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Composition;
import org.longlora4j.core.model.ModelConfig;
import org.longlora4j.core.model.ModelFamilies;
import org.longlora4j.core.model.ModelLoader;
import org.longlora4j.core.model.PlanRules;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.plugin.ProblemList;
import org.longlora4j.core.tensor.TorchServices;

/**
 * A checkpoint, with an adapter or without: what every command given {@code --model} and {@code
 * --adapter} works on.
 */
public final class AdaptedCheckpoint implements AutoCloseable {
  private final Checkpoint base;
  private final Optional<PeftAdapter> adapter;
  private final ModelConfig config;
  private final AdapterPlan plan;
  private final TorchServices services;

  private AdaptedCheckpoint(
      Checkpoint base,
      Optional<PeftAdapter> adapter,
      ModelConfig config,
      AdapterPlan plan,
      TorchServices services) {
    this.base = base;
    this.adapter = adapter;
    this.config = config;
    this.plan = plan;
    this.services = services;
  }

  /**
   * Opens both.
   *
   * @param model a checkpoint directory
   * @param adapterDirectory an adapter in PEFT's format
   * @param registry knows the formats of adapters
   * @param services the engine
   * @return what was opened, which the caller closes
   * @throws InvalidInputException if one is missing or broken, or they do not fit
   */
  public static AdaptedCheckpoint open(
      Path model,
      Optional<Path> adapterDirectory,
      ExtensionRegistry registry,
      TorchServices services) {
    Checkpoint base =
        Checkpoint.open(
            model, new ModelFamilies(registry), new RegisteredFormats(registry, services));
    Optional<PeftAdapter> adapter = Optional.empty();
    boolean opened = false;
    try {
      adapter = adapterDirectory.map(PeftAdapter::open);
      AdapterPlan plan = new AdapterPlan(Map.of(), Set.of(), Optional.empty());
      if (adapter.isPresent()) {
        MergedAdapters.of(base.config()).refuse(adapter.get());
        base = adapter.get().resize(base);
        plan = plan(adapter.get(), base, registry, services);
        base = adapter.get().withFrozen(base, plan);
      }
      ModelConfig config =
          adapterDirectory.isPresent()
              ? config(base, adapterDirectory.get(), registry)
              : base.config();
      opened = true;
      return new AdaptedCheckpoint(base, adapter, config, plan, services);
    } finally {
      if (!opened) {
        adapter.ifPresent(PeftAdapter::close);
        base.close();
      }
    }
  }

  private static AdapterPlan plan(
      PeftAdapter adapter, Checkpoint base, ExtensionRegistry registry, TorchServices services) {
    AdapterFormat format =
        registry
            .createUnnamed(AdapterFormat.class, adapter.peftType(), services)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s: peft_type: is '%s', must be one that a plugin reads: %s"
                            .formatted(
                                adapter.configFile(),
                                adapter.config().get("peft_type"),
                                registry.names(AdapterFormat.class))));
    ProblemList problems = new ProblemList();
    AdapterPlan plan =
        format
            .read(adapter.config(), problems.in(adapter.configFile(), ""))
            .plan(base.modules(), problems.in(adapter.configFile(), ""));
    problems.throwIfAny();
    return PlanRules.require(plan, base.modules());
  }

  /** The config.json beside the adapter, if there is one: a run leaves the extended model's. */
  private static ModelConfig config(Checkpoint base, Path adapter, ExtensionRegistry registry) {
    if (!Files.exists(adapter.resolve("config.json"))) {
      return base.config();
    }
    ModelConfig config = ModelConfig.read(adapter, new ModelFamilies(registry));
    ModelConfig own = base.config();
    Map<String, Object> expected = structure(own);
    List<String> differences = new ArrayList<>();
    structure(config)
        .forEach(
            (key, value) -> {
              if (!value.equals(expected.get(key))) {
                differences.add("%s is %s, there %s".formatted(key, value, expected.get(key)));
              }
            });
    if (!differences.isEmpty()) {
      throw new InvalidInputException(
          "%s describes another model than %s: %s. The adapter was trained on another base; name"
                  .formatted(config.file(), own.file(), String.join("; ", differences))
              + " that one.");
    }
    return config;
  }

  /** What decides a model's modules and how its heads are laid out, by the keys that tell it. */
  private static Map<String, Object> structure(ModelConfig config) {
    Map<String, Object> structure = new LinkedHashMap<>();
    structure.put("multimodal", config.multimodal());
    structure.put("model_type", config.modelType());
    structure.put("hidden_size", config.hiddenSize());
    structure.put("intermediate_size", config.intermediateSize());
    structure.put("num_hidden_layers", config.layers());
    structure.put("num_attention_heads", config.heads());
    structure.put("num_key_value_heads", config.keyValueHeads());
    structure.put("head_dim", config.headDim());
    structure.put(
        "rotated part of a head", (double) config.rotary().rotaryDim() / config.headDim());
    structure.put("vocab_size", config.vocabularySize());
    structure.put("tie_word_embeddings", config.tied());
    structure.put(
        "modules with a bias",
        config.modules().stream()
            .filter(ModelModule::bias)
            .map(ModelModule::shortName)
            .distinct()
            .toList());
    return structure;
  }

  /** The checkpoint without the adapter. */
  public Checkpoint base() {
    return base;
  }

  /** The config.json that holds for both: beside the adapter if there is one, else the base's. */
  public ModelConfig config() {
    return config;
  }

  /** The tokenizer beside the adapter, if there is one: a run that added tokens leaves its own. */
  Optional<TokenizerFiles> adapterTokenizer() {
    return adapter.flatMap(a -> TokenizerFiles.in(a.directory(), Optional.empty()));
  }

  /**
   * Where the tokenizer is: beside the adapter, if a run left one there, or else beside the base,
   * if that has one. Empty for a base that exists nowhere yet.
   */
  public Optional<Path> tokenizerDirectory() {
    return adapter.map(PeftAdapter::directory).filter(Tokenizer::isIn).or(() -> base.directory());
  }

  /** What the adapter trains and wraps; nothing without an adapter. */
  AdapterPlan plan() {
    return plan;
  }

  /** Notes in a config.json that the adapter is merged into the weights beside it. */
  void noteMerged(ObjectNode mergedConfig) {
    MergedAdapters.of(base.config()).writeWith(adapter.orElseThrow(), mergedConfig);
  }

  /** The adapter's values, none of them read yet; empty without an adapter. */
  Optional<NotedParameters> saved() {
    return adapter.map(
        a -> new NotedParameters(a, plan, base.config().names(), services.compiler()));
  }

  /**
   * Loads the model, frozen, for evaluation.
   *
   * @param precision the number format
   * @return the model, which the caller closes
   */
  public CausalLanguageModel load(Precision precision) {
    return load(precision, config.rotary());
  }

  /**
   * Loads the model, frozen, for evaluation under another scaling of its rotary embedding.
   *
   * @param precision the number format
   * @param rotary that of {@link #config} with the scaling to be tried
   * @return the model, which the caller closes
   */
  public CausalLanguageModel load(Precision precision, RotaryEmbedding rotary) {
    return load(precision, rotary, new Composition.Unquantized());
  }

  /**
   * Loads the model, frozen, for evaluation with its frozen weights as a quantizer stores them.
   *
   * @param precision the number format
   * @param rotary that of {@link #config}, or one with another scaling
   * @param quantizer of weights that the checkpoint has as floats
   * @return the model, which the caller closes
   */
  public CausalLanguageModel load(
      Precision precision, RotaryEmbedding rotary, WeightQuantizer quantizer) {
    Optional<NotedParameters> saved = saved();
    Composition composition =
        new Composition(plan, quantizer, rotary, precision, saved.map(values -> values), 0, false);
    CausalLanguageModel model = new ModelLoader(services).load(base, composition);
    boolean checked = false;
    try {
      saved.ifPresent(NotedParameters::requireAllRead);
      checked = true;
      return model;
    } finally {
      if (!checked) {
        model.close();
      }
    }
  }

  @Override
  public void close() {
    adapter.ifPresent(PeftAdapter::close);
    base.close();
  }
}
