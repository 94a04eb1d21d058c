package org.longlora4j.core.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.longlora4j.core.plan.RunPlan;
import org.longlora4j.core.plugin.ExtensionRegistry;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions.PrecisionSetting;
import org.longlora4j.core.tensor.TorchServices;
import org.longlora4j.core.train.FasterPrecision;
import org.longlora4j.core.train.MeasuredRun;
import org.longlora4j.core.train.ProcessMemory;
import org.longlora4j.core.train.StepWatch;

/**
 * Measures a machine and then the training steps of recipes, all in one run: figures of different
 * runs do not compare.
 *
 * <p>Each recipe is loaded and takes its warm-up steps, during which its memory is measured. Then
 * the recipes take their steps in turns, so that whatever else the machine does strikes all alike.
 * Where the time goes is measured in further steps, so that the clock does not disturb the others.
 */
public final class Bench {
  private static final int TIMED_INSIDE = 2; // steps

  private final TorchServices services;
  private final ExtensionRegistry registry;
  private final FasterPrecision faster; // the same for all that is compared
  private final Consumer<String> progress;
  private final ProcessMemory memory = new ProcessMemory();

  /**
   * What was measured.
   *
   * @param ceilings before the first step
   * @param productGflopsAfter the rate of the faster product once more, after the last step: a
   *     machine that is left alone gives the same
   * @param figures of each recipe
   */
  public record Result(Ceilings ceilings, double productGflopsAfter, List<StepFigures> figures) {
    /** Copies the figures. */
    public Result {
      figures = List.copyOf(figures);
    }

    /**
     * How many times the first recipe's time the second's takes: the median over pairs of steps
     * that followed each other.
     */
    public double timeRatio() {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < figures.get(0).seconds().size(); i++) {
        ratios.add(figures.get(1).seconds().get(i) / figures.get(0).seconds().get(i));
      }
      return StepFigures.median(ratios);
    }

    /** How many times the first recipe's memory the second's takes. */
    public double memoryRatio() {
      return (double) figures.get(1).modelMemoryBytes() / figures.get(0).modelMemoryBytes();
    }

    /** How many times the first recipe's necessary arithmetic the second's is. */
    public double arithmeticRatio() {
      return figures.get(1).neededGflop() / figures.get(0).neededGflop();
    }
  }

  /** One recipe under measurement. */
  private static final class Candidate {
    final Recipe recipe;
    final RunPlan plan;
    final MeasuredRun run;
    final long residentBefore;
    final List<Double> seconds = new ArrayList<>();
    long peakMemory;

    Candidate(Recipe recipe, RunPlan plan, MeasuredRun run, long residentBefore) {
      this.recipe = recipe;
      this.plan = plan;
      this.run = run;
      this.residentBefore = residentBefore;
    }

    StepFigures figures(Map<String, Double> phaseSeconds) {
      return new StepFigures(
          run.choices().precision(),
          recipe.training().precision() == PrecisionSetting.AUTO,
          run.choices().kept(),
          plan.tokensPerStep(),
          seconds,
          plan.arithmetic(),
          peakMemory - residentBefore,
          peakMemory,
          phaseSeconds);
    }
  }

  /**
   * Prepares to measure.
   *
   * @param progress told in a line what begins
   */
  public Bench(TorchServices services, ExtensionRegistry registry, Consumer<String> progress) {
    this.services = services;
    this.registry = registry;
    this.progress = progress;
    faster = new FasterPrecision(services);
  }

  /**
   * Measures.
   *
   * @param recipes one, or two that are compared
   * @param warmUp steps of each that are not counted, at least one
   * @param steps of each that are
   * @throws org.longlora4j.api.plugin.InvalidInputException with all that does not fit
   */
  public Result measure(List<Recipe> recipes, int warmUp, int steps) {
    List<RunPlan> plans = new ArrayList<>(); // first, since they find mistakes at once
    for (Recipe recipe : recipes) {
      plans.add(RunPlan.of(recipe, registry, memory.availableBytes()));
    }
    progress.accept("Measuring what the machine can do …");
    Ceilings ceilings = Ceilings.measure(services);
    List<Candidate> candidates = new ArrayList<>();
    try (DeviceBarrier barrier = new DeviceBarrier(services.engine())) {
      if (recipes.size() > 1) {
        takeOnce(recipes.get(0), barrier);
      }
      for (int i = 0; i < recipes.size(); i++) {
        candidates.add(load(recipes.get(i), plans.get(i), warmUp, barrier));
      }
      for (int i = 1; i <= steps; i++) {
        for (Candidate candidate : candidates) {
          candidate.seconds.add(timed(candidate.run, barrier));
        }
        progress.accept(taken(candidates, i, steps));
      }
      if (candidates.size() == 1) {
        candidates.get(0).peakMemory = memory.peakBytes(); // nobody else took any
      }
      double after = ceilings.productGflopsNow(services);
      List<StepFigures> figures = new ArrayList<>();
      for (Candidate candidate : candidates) {
        figures.add(candidate.figures(phaseSeconds(candidate.run, barrier)));
      }
      return new Result(ceilings, after, figures);
    } finally {
      candidates.forEach(candidate -> candidate.run.close());
    }
  }

  /**
   * Has the process take what it takes once, whatever the recipe: code, heap, what PyTorch's
   * products reserve. The first recipe's memory would count it and the second's would not.
   */
  private void takeOnce(Recipe recipe, DeviceBarrier barrier) {
    progress.accept("Taking a step before any memory is measured …");
    try (MeasuredRun run = MeasuredRun.load(recipe, registry, services, faster)) {
      timed(run, barrier);
    }
  }

  private Candidate load(Recipe recipe, RunPlan plan, int warmUp, DeviceBarrier barrier) {
    progress.accept("Loading %s …".formatted(recipe.file()));
    memory.giveBackFreed();
    memory.restartPeak();
    long before = memory.residentBytes();
    MeasuredRun run = MeasuredRun.load(recipe, registry, services, faster);
    boolean warm = false;
    try {
      Candidate candidate = new Candidate(recipe, plan, run, before);
      for (int i = 1; i <= warmUp; i++) {
        double seconds = timed(run, barrier);
        progress.accept(String.format(Locale.ROOT, "Warming up: %.3f s", seconds));
      }
      candidate.peakMemory = memory.peakBytes();
      warm = true;
      return candidate;
    } finally {
      if (!warm) {
        run.close();
      }
    }
  }

  private static double timed(MeasuredRun run, DeviceBarrier barrier) {
    long start = System.nanoTime();
    run.step(StepWatch.NONE);
    barrier.await();
    return (System.nanoTime() - start) / 1e9;
  }

  private static String taken(List<Candidate> candidates, int step, int steps) {
    StringBuilder line = new StringBuilder("Step %d of %d:".formatted(step, steps));
    for (Candidate candidate : candidates) {
      line.append(String.format(Locale.ROOT, " %.3f s", candidate.seconds.get(step - 1)));
    }
    return line.toString();
  }

  private static Map<String, Double> phaseSeconds(MeasuredRun run, DeviceBarrier barrier) {
    StageClock clock = new StageClock(barrier);
    for (int i = 0; i < TIMED_INSIDE; i++) {
      run.step(clock);
    }
    return clock.seconds(TIMED_INSIDE);
  }
}
