package org.longlora4j.api.adapter;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an {@link AdapterStrategy} decided. A module that appears in neither set stays frozen.
 *
 * @param projections the projections that are wrapped, by module name
 * @param trained the names of modules that train whole
 * @param config the contents of adapter_config.json in PEFT's keys, without {@code
 *     base_model_name_or_path}; empty if the result is a whole checkpoint and not an adapter
 */
public record AdapterPlan(
    Map<String, ProjectionAdapter> projections,
    Set<String> trained,
    Optional<Map<String, Object>> config) {
  /** Copies the collections. */
  public AdapterPlan {
    projections = Map.copyOf(projections);
    trained = Set.copyOf(trained);
  }
}
