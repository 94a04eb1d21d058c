package org.longlora4j.kit;

import com.google.inject.Binder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.ExtensionBinder;
import org.longlora4j.api.plugin.Plugin;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.core.plugin.LoadedPlugin;

/** Trains the norms and leaves all projections frozen, so that a quantizer has weights to store. */
final class NormsOnly implements AdapterStrategy {
  static final String NAME = "kit-norms-only";

  /** Binds the strategy for the kit's own runs. */
  static LoadedPlugin plugin() {
    return new LoadedPlugin(new Binding(), "plugin-kit", "1", "the plugin kit");
  }

  @Override
  public AdapterPlan plan(List<ModelModule> modules, Problems problems) {
    return new AdapterPlan(
        Map.of(),
        modules.stream()
            .filter(module -> module.kind() == ModelModule.Kind.NORM)
            .map(ModelModule::name)
            .collect(Collectors.toSet()),
        Optional.of(Map.of("peft_type", "KIT")));
  }

  private static final class Binding implements Plugin {
    @Override
    public void configure(Binder binder) {
      new ExtensionBinder(binder).bind(AdapterStrategy.class, NAME, NormsOnly.class);
    }
  }
}
