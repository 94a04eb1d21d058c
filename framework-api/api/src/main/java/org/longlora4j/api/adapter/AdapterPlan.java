package org.longlora4j.api.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an {@link AdapterStrategy} decided. A module that appears in neither set stays frozen.
 *
 * <p>A plan must fit the modules that the strategy was asked about; the framework refuses one that
 * does not, with an {@link IllegalStateException}. Every name is one of theirs, in full. Only
 * modules of the kind {@link ModelModule.Kind#PROJECTION} are wrapped. No module is both wrapped
 * and trained. A plan that wraps has a {@code config}: without one there is nothing to save the
 * wrapping with.
 *
 * @param projections the projections that are wrapped, by module name
 * @param trained the names of modules that train whole, of any kind
 * @param config the contents of adapter_config.json in PEFT's keys, without {@code
 *     base_model_name_or_path}; empty if the result is a whole checkpoint and not an adapter
 * @param learningRateFactors by what the schedule's learning rate is multiplied for a parameter, by
 *     the name of its module, a dot and its own; 1 for those that are not named
 */
public record AdapterPlan(
    Map<String, ProjectionAdapter> projections,
    Set<String> trained,
    Optional<Map<String, Object>> config,
    Map<String, Double> learningRateFactors) {
  /**
   * Copies the collections; {@code config} keeps its order and may hold nulls.
   *
   * @throws IllegalArgumentException if a factor is negative or no finite number
   */
  public AdapterPlan {
    projections = Map.copyOf(projections);
    trained = Set.copyOf(trained);
    config = config.map(keys -> Collections.unmodifiableMap(new LinkedHashMap<>(keys)));
    learningRateFactors = Map.copyOf(learningRateFactors);
    learningRateFactors.forEach(
        (parameter, factor) -> {
          if (!(factor >= 0 && Double.isFinite(factor))) {
            throw new IllegalArgumentException(
                "the learning rate's factor of "
                    + parameter
                    + " is "
                    + factor
                    + ", must be a number of at least 0");
          }
        });
  }

  /** A plan under which all parameters train at the schedule's learning rate. */
  public AdapterPlan(
      Map<String, ProjectionAdapter> projections,
      Set<String> trained,
      Optional<Map<String, Object>> config) {
    this(projections, trained, config, Map.of());
  }
}
