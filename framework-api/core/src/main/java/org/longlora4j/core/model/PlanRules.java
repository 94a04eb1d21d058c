package org.longlora4j.core.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;

/** What an {@link AdapterPlan} promises about the modules of a model. */
public final class PlanRules {
  private PlanRules() {}

  /**
   * Refuses a plan that does not fit.
   *
   * @param plan what a strategy decided, and reported no problem about
   * @param modules what it was asked about
   * @return the plan
   * @throws IllegalStateException with each module that breaks a rule
   */
  public static AdapterPlan require(AdapterPlan plan, List<ModelModule> modules) {
    Map<String, ModelModule> byName = new HashMap<>();
    modules.forEach(module -> byName.put(module.name(), module));
    List<String> broken = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(plan.trained());
    names.addAll(plan.projections().keySet());
    for (String name : names) {
      if (!byName.containsKey(name)) {
        broken.add(name + " is no module of this model");
      } else if (plan.projections().containsKey(name)) {
        checkWrapped(plan, byName.get(name), broken);
      }
    }
    for (String parameter : new TreeSet<>(plan.learningRateFactors().keySet())) {
      if (names.stream().noneMatch(module -> parameter.startsWith(module + "."))) {
        broken.add(parameter + " has a learning rate of its own, but does not train");
      }
    }
    if (!plan.projections().isEmpty() && plan.config().isEmpty()) {
      broken.add("projections are wrapped, but there is no config to save them with");
    }
    if (!broken.isEmpty()) {
      throw new IllegalStateException(
          "the adapter's plan does not fit the model: " + String.join("; ", broken));
    }
    return plan;
  }

  private static void checkWrapped(AdapterPlan plan, ModelModule module, List<String> broken) {
    if (module.kind() != ModelModule.Kind.PROJECTION) {
      broken.add(
          "%s is wrapped, but its kind is %s: only a PROJECTION can be"
              .formatted(module.name(), module.kind()));
    }
    if (plan.trained().contains(module.name())) {
      broken.add(module.name() + " is both wrapped and trained, must be one of the two");
    }
  }
}
