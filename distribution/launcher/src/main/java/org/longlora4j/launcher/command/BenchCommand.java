package org.longlora4j.launcher.command;

import static com.fasterxml.jackson.annotation.JsonInclude.Include.NON_NULL;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.bench.Bench;
import org.longlora4j.core.bench.Ceilings;
import org.longlora4j.core.bench.StepFigures;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.tensor.TorchEngine;
import org.longlora4j.core.train.ProcessMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the machine, and what a recipe's training step makes of it. */
@Command(
    name = "bench",
    description = {
      "Measures what the machine can do at most, then training steps of a recipe: their time, where"
          + " it goes, how near they come to the machine's limit, and the memory they take.",
      "Takes the steps that training takes and writes nothing; with model.init, adapters may train"
          + " upon random weights here. Leave the machine idle meanwhile."
    })
final class BenchCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RecipeOptions recipe;
  @Mixin private ResultFormat format;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many steps are measured; ${DEFAULT-VALUE} unless given.")
  private int steps;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many steps come before them, uncounted; ${DEFAULT-VALUE} unless given.")
  private int warmUp;

  @Option(
      names = "--compare",
      paramLabel = "KEY=VALUE",
      description =
          "Measure a second time with this set, step by step in turns with the first, and give the"
              + " ratios. May be given several times for one setting of several keys.")
  private List<String> compared = List.of();

  BenchCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    requireAtLeastOne("--steps", steps);
    requireAtLeastOne("--warm-up", warmUp);
    List<Recipe> recipes = new ArrayList<>(List.of(recipe.read(session)));
    if (!compared.isEmpty()) {
      recipes.add(recipe.read(session, compared));
    }
    Bench bench =
        new Bench(session.engine(), session.extensions(), session.environment().err()::println);
    Bench.Result result = bench.measure(recipes, warmUp, steps);
    session
        .output()
        .print(
            format, Benched.of(recipes.get(0).file(), compared, session.engine().engine(), result));
    return ExitCode.OK;
  }

  private static void requireAtLeastOne(String option, int value) {
    if (value < 1) {
      throw new InvalidInputException(option + " is " + value + ", must be at least 1");
    }
  }

  /**
   * What was measured. Rates are in 10⁹ operations, or bytes, a second.
   *
   * @param threads that one operation may use
   * @param allocator where native memory comes from, see {@link ProcessMemory#allocator}
   * @param productGflopsAfter the faster product's rate after the last step
   * @param comparison null unless there was one
   */
  record Benched(
      Path recipe,
      String engine,
      int threads,
      String allocator,
      @JsonUnwrapped Ceilings ceilings,
      double productGflopsAfter,
      @JsonUnwrapped Measured measured,
      @JsonInclude(NON_NULL) Comparison comparison)
      implements Result {
    static Benched of(Path recipe, List<String> compared, TorchEngine engine, Bench.Result result) {
      Ceilings ceilings = result.ceilings();
      return new Benched(
          recipe,
          engine.version(),
          engine.threads(),
          ProcessMemory.allocator(),
          ceilings,
          result.productGflopsAfter(),
          Measured.of(result.figures().get(0), ceilings),
          compared.isEmpty() ? null : Comparison.of(compared, result));
    }

    @Override
    public String toText() {
      return BenchText.of(this);
    }
  }

  /**
   * One setting's steps.
   *
   * @param precisionMeasured whether the recipe left the precision to a measurement
   * @param recompute by what layers keep, what runs again in the backward pass
   * @param stepSeconds the median of {@code seconds}
   * @param utilisation needed operations a second, as a fraction of the faster product's rate
   * @param modelMemoryBytes by how much resident memory grew since before the model was loaded
   * @param phases shares that make 1 together
   * @param phaseSeconds the same in seconds, of a step that was timed inside
   */
  record Measured(
      Precision precision,
      boolean precisionMeasured,
      Kept recompute,
      long tokensPerStep,
      double stepSeconds,
      List<Double> seconds,
      double tokensPerSecond,
      double neededGflop,
      double utilisation,
      long peakMemoryBytes,
      long modelMemoryBytes,
      Map<String, Double> phases,
      Map<String, Double> phaseSeconds) {
    static Measured of(StepFigures figures, Ceilings ceilings) {
      return new Measured(
          figures.precision(),
          figures.precisionMeasured(),
          figures.kept(),
          figures.tokensPerStep(),
          figures.stepSeconds(),
          figures.seconds(),
          figures.tokensPerSecond(),
          figures.neededGflop(),
          figures.utilisation(ceilings),
          figures.peakMemoryBytes(),
          figures.modelMemoryBytes(),
          figures.phases(),
          figures.phaseSeconds());
    }
  }

  /**
   * The second setting, and how many times the first one's figures its are.
   *
   * @param settings what was set
   * @param timeRatio the median over pairs of steps that followed each other
   */
  record Comparison(
      List<String> settings,
      double timeRatio,
      double memoryRatio,
      double arithmeticRatio,
      @JsonUnwrapped Measured measured) {
    static Comparison of(List<String> settings, Bench.Result result) {
      return new Comparison(
          settings,
          result.timeRatio(),
          result.memoryRatio(),
          result.arithmeticRatio(),
          Measured.of(result.figures().get(1), result.ceilings()));
    }
  }
}
