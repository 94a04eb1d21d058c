package org.longlora4j.core.train;

import java.util.function.Supplier;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.data.DataPosition;
import org.longlora4j.core.data.ShuffledRows;
import org.longlora4j.core.model.CausalLanguageModel;
import org.longlora4j.core.model.RotaryCache;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.tensor.TorchServices;

/**
 * A recipe's training, loaded to be watched step by step: the steps are those of a run, and nothing
 * of it is written anywhere.
 */
public final class MeasuredRun implements AutoCloseable {
  private final PreparedRun run;
  private final RunChoices choices;
  private final ShuffledRows rows;
  private final CausalLanguageModel model;
  private final TrainingState state;
  private final RotaryCache rotary;
  private final TrainingStep step;
  private int taken;

  private MeasuredRun(
      PreparedRun run,
      RunChoices choices,
      ShuffledRows rows,
      CausalLanguageModel model,
      TorchServices services) {
    this.run = run;
    this.choices = choices;
    this.rows = rows;
    this.model = model;
    this.state = new TrainingState(model, run.parts().optimizer());
    this.rotary = new RotaryCache(model.rotary(), model.manager());
    this.step = new TrainingStep(run, model, state, rows, choices.kept(), services);
  }

  /**
   * Loads the model. Its weights may be drawn by {@code model.init} even where an adapter trains:
   * the adapter is not kept.
   *
   * @param recipe read and valid in itself; its output is not looked at
   * @param registry builds the extensions
   * @param services the engine, and what the extensions' constructors may ask for
   * @return the run before its first step; the caller closes it
   * @throws InvalidInputException with all that does not fit
   */
  public static MeasuredRun load(
      Recipe recipe,
      ExtensionRegistry registry,
      TorchServices services,
      Supplier<Precision> faster) {
    PreparedRun run = PreparedRun.toMeasure(recipe, registry, services);
    boolean loaded = false;
    try {
      MeasuredRun measured = load(run, services, faster);
      loaded = true;
      return measured;
    } finally {
      if (!loaded) {
        run.close();
      }
    }
  }

  private static MeasuredRun load(
      PreparedRun run, TorchServices services, Supplier<Precision> faster) {
    RunChoices choices = RunChoices.of(run, faster, services.engine().device().isGpu());
    ShuffledRows rows = run.data().rows(DataPosition.START);
    boolean loaded = false;
    try {
      CausalLanguageModel model = Trainer.load(run, choices, services);
      loaded = true;
      return new MeasuredRun(run, choices, rows, model, services);
    } finally {
      if (!loaded) {
        rows.close();
      }
    }
  }

  /** What the recipe left to the machine. */
  public RunChoices choices() {
    return choices;
  }

  /**
   * Takes the next step.
   *
   * @param watch told what is at work
   * @throws TrainingFailedException if the loss is no longer finite
   */
  public void step(StepWatch watch) {
    int number = taken + 1;
    TrainingStep.Gradients gradients = step.gradients(number, rotary, watch);
    if (!gradients.finite()) {
      throw new TrainingFailedException(
          "%s: step %d: loss %s, gradient norm %s: not finite. Measure with a lower learning rate: --set training.learning-rate=%s"
              .formatted(
                  run.recipe().file(),
                  number,
                  gradients.loss(),
                  gradients.norm(),
                  run.recipe().training().learningRate() / 2));
    }
    step.update(number, gradients, watch);
    taken = number;
  }

  @Override
  public void close() {
    rotary.close();
    state.close();
    model.close();
    rows.close();
    run.close();
  }
}
