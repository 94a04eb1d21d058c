package org.longlora4j.core.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;

/** Every parameter trains, and a whole checkpoint comes out: the built-in {@code full}. */
public final class FullTraining implements AdapterStrategy {
  @Override
  public AdapterPlan plan(List<ModelModule> modules, Problems problems) {
    return new AdapterPlan(
        Map.of(),
        modules.stream().map(ModelModule::name).collect(Collectors.toSet()),
        Optional.empty());
  }
}
