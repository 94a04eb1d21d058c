package org.longlora4j.plugin.lora;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.adapter.ProjectionAdapter;
import org.longlora4j.api.plugin.Problems;

/** Adapts a model by given settings. Reports problems under the keys of adapter_config.json. */
final class LoraAdaptation implements AdapterStrategy {
  private final LoraSettings settings;
  private final Initialization initialization;
  private final LearningRateFactors factors;
  private final LowRankKernels kernels;

  /**
   * An adaptation.
   *
   * @param initialization where a new adapter begins; decides the rank that is saved
   */
  LoraAdaptation(
      LoraSettings settings,
      Initialization initialization,
      LearningRateFactors factors,
      LowRankKernels kernels) {
    this.settings = settings;
    this.initialization = initialization;
    this.factors = factors;
    this.kernels = kernels;
  }

  @Override
  public AdapterPlan plan(List<ModelModule> modules, Problems problems) {
    List<ModelModule> targets = targets(modules, problems);
    List<ModelModule> trained = trained(modules, problems);
    Set<String> trainedNames = new LinkedHashSet<>();
    trained.forEach(module -> trainedNames.add(module.name()));
    Map<String, ProjectionAdapter> projections = new LinkedHashMap<>();
    for (ModelModule target : targets) {
      if (trainedNames.contains(target.name())) {
        problems.report(
            LoraConfig.TRAINED,
            "'%s' is wrapped as one of %s too, must be in one of the two"
                .formatted(target.name(), LoraConfig.TARGETS));
      }
      projections.put(target.name(), adapter(target, problems));
    }
    LoraSettings saved = initialization == Initialization.DEFAULT ? settings : settings.doubled();
    return new AdapterPlan(
        projections,
        trainedNames,
        Optional.of(LoraConfig.write(saved, targets, trained)),
        learningRates(targets, trained));
  }

  private ProjectionAdapter adapter(ModelModule module, Problems problems) {
    RankAndAlpha size = settings.size();
    LowRank product =
        new LowRank(
            size.rank(module.name()),
            size.scaling(module.name()),
            settings.dropout(),
            module.weight());
    if (settings.decomposed()) {
      return new DecomposedAdapter(product, kernels);
    }
    if (initialization == Initialization.DEFAULT) {
      return new LowRankAdapter(product, kernels);
    }
    long most = Math.min(module.weight().get(0), module.weight().get(1));
    if (product.rank() > most) {
      problems.report(
          LoraConfig.RANK,
          "is %d for '%s', must be at most %d there: its weight has no more directions to begin with"
              .formatted(product.rank(), module.name(), most));
    }
    return new PrincipalAdapter(product, initialization, kernels);
  }

  private Map<String, Double> learningRates(List<ModelModule> targets, List<ModelModule> trained) {
    Map<String, Double> rates = new HashMap<>();
    targets.forEach(module -> rates.put(module.name() + "." + LowRank.UP, factors.loraB()));
    for (ModelModule module : trained) {
      rates.put(module.name() + ".weight", factors.of(module.kind()));
      rates.put(module.name() + ".bias", factors.of(module.kind()));
    }
    rates.values().removeIf(factor -> factor == 1);
    return rates;
  }

  private List<ModelModule> targets(List<ModelModule> modules, Problems problems) {
    List<ModelModule> projections =
        modules.stream().filter(module -> module.kind() == Kind.PROJECTION).toList();
    reportUnmatched(LoraConfig.TARGETS, settings.targets(), modules, projections, problems);
    reportMissingLayers(projections, problems);
    List<ModelModule> targets = new ArrayList<>();
    for (ModelModule module : modules) {
      if (!settings.targets().selects(module) || !isInLayers(module)) {
        continue;
      }
      if (module.kind() == Kind.PROJECTION) {
        targets.add(module);
      } else {
        problems.report(
            LoraConfig.TARGETS,
            "'%s' is no projection of a decoder layer, must be one of %s"
                .formatted(
                    module.name(), String.join(", ", ModuleSelection.shortNames(projections))));
      }
    }
    return targets;
  }

  private boolean isInLayers(ModelModule module) {
    List<Integer> layers = settings.layers();
    return layers.isEmpty() || ModuleSelection.layer(module).stream().anyMatch(layers::contains);
  }

  private void reportMissingLayers(List<ModelModule> projections, Problems problems) {
    Set<Integer> present = new LinkedHashSet<>();
    projections.forEach(module -> ModuleSelection.layer(module).ifPresent(present::add));
    for (int layer : settings.layers()) {
      if (!present.contains(layer)) {
        problems.report(
            LoraConfig.LAYERS,
            "this model has no layer %d, but %d layers, counted from 0"
                .formatted(layer, present.size()));
      }
    }
  }

  private List<ModelModule> trained(List<ModelModule> modules, Problems problems) {
    reportUnmatched(LoraConfig.TRAINED, settings.trained(), modules, modules, problems);
    return modules.stream().filter(settings.trained()::selects).toList();
  }

  private static void reportUnmatched(
      String key,
      ModuleSelection selection,
      List<ModelModule> modules,
      List<ModelModule> choices,
      Problems problems) {
    for (String name : selection.unmatched(modules)) {
      problems.report(
          key,
          "'%s' matches no module of this model, which has %s"
              .formatted(name, String.join(", ", ModuleSelection.shortNames(choices))));
    }
  }
}
