package org.longlora4j.plugin.lora;

import java.util.List;
import java.util.Map;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.AdapterStrategy;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.Kernels;

/** What a recipe may use to adapt a model by low-rank matrices. */
abstract sealed class LoraStrategy implements AdapterStrategy permits Lora, ImprovedLora {
  private final LoraOptions options;
  private final ModuleSelection trained;
  private final Kernels kernels;

  /**
   * A strategy of a recipe's options.
   *
   * @param trained the modules that train whole
   */
  LoraStrategy(LoraOptions options, ModuleSelection trained, KernelCompiler compiler) {
    this.options = options;
    this.trained = trained;
    this.kernels = LowRankAdapter.compile(compiler);
  }

  @Override
  public final AdapterPlan plan(List<ModelModule> modules, Problems problems) {
    // Only targets can be wrong here: the modules that train whole are chosen by their kind.
    return new LoraAdaptation(options.settings(trained), kernels)
        .plan(modules, (key, message) -> problems.report("targets", message));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The saved adapter's rank, alpha, targets and whole modules hold, whichever strategy goes on
   * with it; dropout is the recipe's.
   */
  @Override
  public final AdapterStrategy continueFrom(Map<String, Object> config, Problems problems) {
    options.rank().ifPresent(rank -> reportFixed("rank", problems));
    options.alpha().ifPresent(alpha -> reportFixed("alpha", problems));
    options.targets().ifPresent(targets -> reportFixed("targets", problems));
    LoraSettings saved = LoraConfig.read(config, ofSavedAdapter(problems));
    LoraAdaptation adaptation = new LoraAdaptation(saved.withDropout(options.dropout()), kernels);
    return (modules, later) -> adaptation.plan(modules, ofSavedAdapter(later));
  }

  private static void reportFixed(String key, Problems problems) {
    problems.report(
        key, "is given by the adapter that start-from names, must not be in the recipe too");
  }

  private static Problems ofSavedAdapter(Problems problems) {
    return (key, message) ->
        problems.report("start-from", "adapter_config.json: " + key + ": " + message);
  }
}
