package org.longlora4j.plugin.lora;

import java.util.ArrayList;
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
import org.longlora4j.api.tensor.Kernels;

/** Adapts a model by given settings. Reports problems under the keys of adapter_config.json. */
final class LoraAdaptation implements AdapterStrategy {
  private final LoraSettings settings;
  private final Kernels kernels;

  LoraAdaptation(LoraSettings settings, Kernels kernels) {
    this.settings = settings;
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
      projections.put(target.name(), new LowRankAdapter(settings, target.weight(), kernels));
    }
    return new AdapterPlan(
        projections, trainedNames, Optional.of(LoraConfig.write(settings, targets, trained)));
  }

  private List<ModelModule> targets(List<ModelModule> modules, Problems problems) {
    List<ModelModule> projections =
        modules.stream().filter(module -> module.kind() == Kind.PROJECTION).toList();
    reportUnmatched(LoraConfig.TARGETS, settings.targets(), modules, projections, problems);
    List<ModelModule> targets = new ArrayList<>();
    for (ModelModule module : modules) {
      if (!settings.targets().selects(module)) {
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
