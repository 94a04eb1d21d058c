package org.longlora4j.api.adapter;

import java.util.List;
import java.util.Map;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.longlora4j.api.plugin.Problems;
import org.osgi.annotation.versioning.ConsumerType;

/** Which parameters train, and what wraps a frozen projection? */
@ConsumerType
@ExtensionPoint("adapter strategy")
public interface AdapterStrategy {
  /**
   * Decides, for every module of a model, whether it stays frozen, trains whole, or is wrapped.
   *
   * @param modules all modules of the model, in checkpoint order
   * @param problems collects what is wrong, for example a target that matches no module
   * @return a plan that keeps the rules of {@link AdapterPlan}, unless a problem was reported
   */
  AdapterPlan plan(List<ModelModule> modules, Problems problems);

  /**
   * The strategy that goes on training an adapter found on disk, whose own settings then hold.
   *
   * @param config the adapter's adapter_config.json
   * @param problems collects what is wrong: an option in {@code config} that is not supported, or
   *     an option of the recipe that the adapter fixes
   * @return this strategy with the adapter's settings
   */
  default AdapterStrategy continueFrom(Map<String, Object> config, Problems problems) {
    problems.report("start-from", "this adapter strategy cannot start from a saved adapter");
    return this;
  }
}
