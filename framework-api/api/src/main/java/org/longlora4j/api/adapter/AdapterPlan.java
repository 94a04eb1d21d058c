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
 */
public record AdapterPlan(
    Map<String, ProjectionAdapter> projections,
    Set<String> trained,
    Optional<Map<String, Object>> config) {
  /** Copies the collections; {@code config} keeps its order and may hold nulls. */
  public AdapterPlan {
    projections = Map.copyOf(projections);
    trained = Set.copyOf(trained);
    config = config.map(keys -> Collections.unmodifiableMap(new LinkedHashMap<>(keys)));
  }
}
