package org.longlora4j.core.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.core.plugin.ExtensionRegistry;

/**
 * The families of models that can be read: the framework's own and those of plugins.
 *
 * @param registry knows them
 */
public record ModelFamilies(ExtensionRegistry registry) {
  /** Requires the registry. */
  public ModelFamilies {
    requireNonNull(registry, "registry is null");
  }

  /** Those that the framework has without any plugin. */
  public static ModelFamilies builtIn() {
    return new ModelFamilies(new ExtensionRegistry(List.of()));
  }

  /**
   * Finds a family.
   *
   * @param modelType of a config.json
   * @throws org.longlora4j.api.plugin.InvalidInputException if several plugins bind its name
   * @throws org.longlora4j.core.plugin.PluginFailedException if it cannot be built
   */
  Optional<BoundFamily> find(String modelType) {
    String name = name(modelType);
    return registry
        .createUnnamed(ModelFamily.class, name, binder -> {})
        .map(
            family ->
                new BoundFamily(
                    modelType,
                    family,
                    registry.find(ModelFamily.class, name).orElseThrow().plugin()));
  }

  /** The name that a family of a {@code model_type} is bound under. */
  static String name(String modelType) {
    return modelType.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The names of all, sorted. */
  List<String> names() {
    return registry.names(ModelFamily.class);
  }
}
