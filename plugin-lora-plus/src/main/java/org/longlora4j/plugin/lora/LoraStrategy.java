package org.longlora4j.plugin.lora;

import java.util.List;
import java.util.Map;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;

/** What a recipe may use to adapt a model by low-rank matrices. */
abstract sealed class LoraStrategy implements AdapterStrategy
    permits Lora, ImprovedLora, DecomposedLora, RankStabilizedLora {
  /** An option's key by the key of adapter_config.json that tells the same. */
  private static final Map<String, String> OPTIONS =
      Map.of(
          LoraConfig.RANK, "rank",
          LoraConfig.TARGETS, "targets",
          LoraConfig.LAYERS, "layers",
          LoraConfig.TRAINED, "train");

  private final LoraOptions options;
  private final Variant variant;
  private final List<Trainable> trained;
  private final LowRankKernels kernels;

  /** What becomes of the low-rank product. */
  enum Variant {
    /** It is added. */
    PLAIN,
    /** It is added, scaled by the root of its rank. */
    RANK_STABILIZED,
    /** It turns the weight's rows, whose magnitudes train by themselves. */
    DECOMPOSED
  }

  /**
   * A strategy of a recipe's options.
   *
   * @param trained what trains whole unless the options say so
   */
  LoraStrategy(
      LoraOptions options, Variant variant, List<Trainable> trained, LowRankKernels kernels) {
    this.options = options;
    this.variant = variant;
    this.trained = List.copyOf(trained);
    this.kernels = kernels;
  }

  @Override
  public final AdapterPlan plan(List<ModelModule> modules, Problems problems) {
    boolean decomposed = variant == Variant.DECOMPOSED;
    LoraSettings settings =
        options.settings(variant == Variant.RANK_STABILIZED, decomposed, trained, modules);
    if (decomposed && options.init() != Initialization.DEFAULT) {
      problems.report(
          "init",
          "is not default, must be under dora: magnitudes of the whole weight do not fit a"
              + " direction that begins with a part of it");
    }
    reportUntrainable(modules, problems);
    LoraAdaptation adaptation =
        new LoraAdaptation(settings, options.init(), options.learningRateFactors(), kernels);
    AdapterPlan plan =
        adaptation.plan(
            modules, (key, message) -> problems.report(OPTIONS.getOrDefault(key, key), message));
    List<ModelModule> wrapped =
        modules.stream().filter(module -> plan.projections().containsKey(module.name())).toList();
    reportUnmatched("rank-pattern", settings.size().rankPattern(), wrapped, problems);
    reportUnmatched("alpha-pattern", settings.size().alphaPattern(), wrapped, problems);
    return plan;
  }

  private void reportUntrainable(List<ModelModule> modules, Problems problems) {
    for (Trainable choice : options.train().orElse(List.of())) {
      if (modules.stream().noneMatch(module -> module.kind() == choice.kind())) {
        problems.report(
            "train",
            choice == Trainable.HEAD
                ? "has head, but this model's head is its embeddings (tie_word_embeddings)"
                : "has something that this model is without");
      }
    }
  }

  private static void reportUnmatched(
      String key, NamePatterns patterns, List<ModelModule> wrapped, Problems problems) {
    for (String pattern : patterns.unmatched(wrapped)) {
      problems.report(
          key,
          "'%s' matches no wrapped projection, which are %s"
              .formatted(pattern, String.join(", ", ModuleSelection.shortNames(wrapped))));
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>What the saved adapter computes and what it trains whole hold; dropout and the learning
   * rates' factors are the recipe's. {@code lora} and {@code lora-plus} go on with an adapter of
   * any kind, the others with one of their own.
   */
  @Override
  public final AdapterStrategy continueFrom(Map<String, Object> config, Problems problems) {
    reportFixed(problems);
    LoraSettings saved = LoraConfigReader.read(config, ofSavedAdapter(problems));
    if ((variant == Variant.DECOMPOSED && !saved.decomposed())
        || (variant == Variant.RANK_STABILIZED && !saved.size().stabilized())) {
      problems.report(
          "use",
          "is %s, but the adapter that start-from names was saved without %s: use lora"
              .formatted(
                  variant == Variant.DECOMPOSED ? "dora" : "rslora",
                  variant == Variant.DECOMPOSED ? LoraConfig.DECOMPOSED : LoraConfig.STABILIZED));
    }
    LoraAdaptation adaptation =
        new LoraAdaptation(
            saved.withDropout(options.dropout()),
            Initialization.DEFAULT,
            options.learningRateFactors(),
            kernels);
    return (modules, later) -> adaptation.plan(modules, ofSavedAdapter(later));
  }

  private void reportFixed(Problems problems) {
    reportFixed("rank", options.rank().isPresent(), problems);
    reportFixed("alpha", options.alpha().isPresent(), problems);
    reportFixed("rank-pattern", !options.rankPattern().isEmpty(), problems);
    reportFixed("alpha-pattern", !options.alphaPattern().isEmpty(), problems);
    reportFixed("targets", options.targets().isPresent(), problems);
    reportFixed("layers", !options.layers().isEmpty(), problems);
    reportFixed("train", options.train().isPresent(), problems);
    reportFixed("init", options.init() != Initialization.DEFAULT, problems);
  }

  private static void reportFixed(String key, boolean given, Problems problems) {
    if (given) {
      problems.report(
          key, "is given by the adapter that start-from names, must not be in the recipe too");
    }
  }

  private static Problems ofSavedAdapter(Problems problems) {
    return (key, message) ->
        problems.report("start-from", "adapter_config.json: " + key + ": " + message);
  }
}
