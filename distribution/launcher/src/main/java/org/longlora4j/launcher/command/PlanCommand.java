package org.longlora4j.launcher.command;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.plan.Alternatives;
import org.longlora4j.core.plan.Alternatives.Alternative;
import org.longlora4j.core.plan.MemoryPlan;
import org.longlora4j.core.plan.RunPlan;
import org.longlora4j.core.plan.StepArithmetic;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions.PrecisionSetting;
import org.longlora4j.core.train.ProcessMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what a recipe will take before anything is loaded. */
@Command(
    name = "plan",
    description = {
      "Tells what a recipe will take in memory and arithmetic, part by part, whether that fits, and"
          + " what would make it fit.",
      "Goes by the recipe and the model's config.json alone: weights and data need not be there."
    })
final class PlanCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private RecipeOptions recipe;
  @Mixin private ResultFormat format;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = MemorySize.Converter.class,
      description =
          "The memory that the run should fit into, such as 32GB or 24GiB; what this machine can"
              + " give at present unless given. Name a GPU's memory to plan for it.")
  private Optional<MemorySize> memory = Optional.empty();

  PlanCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Recipe read = recipe.read(session);
    long bytes =
        memory.map(MemorySize::bytes).orElseGet(() -> new ProcessMemory().availableBytes());
    RunPlan plan = RunPlan.of(read, session.extensions(), bytes);
    boolean fits = plan.memory().peak() <= bytes;
    List<Alternative> alternatives =
        fits
            ? List.of()
            : new Alternatives(
                    settings -> recipe.read(session, settings), session.extensions(), bytes)
                .find();
    boolean measured = read.training().precision() == PrecisionSetting.AUTO;
    session
        .output()
        .print(
            format,
            new Planned(
                read.file(),
                read.context(),
                plan.precision(),
                measured,
                plan.kept(),
                plan.tokensPerStep(),
                plan.trainedParameters(),
                plan.memory(),
                plan.memory().lasting(),
                plan.memory().peak(),
                bytes,
                fits,
                Arithmetic.of(plan.arithmetic()),
                alternatives,
                memory.isEmpty()));
    return ExitCode.OK;
  }

  /**
   * What a run takes; amounts of memory are in bytes, those of arithmetic in operations.
   *
   * @param precisionMeasured whether the recipe leaves the precision to a measurement, so that the
   *     one that is planned with is a guess
   * @param recompute by what layers keep, what runs again in the backward pass
   * @param lastingBytes what lives as long as the run
   * @param peakBytes the most at once
   * @param memoryBytes what it should fit into
   */
  record Planned(
      Path recipe,
      int context,
      Precision precision,
      boolean precisionMeasured,
      Kept recompute,
      long tokensPerStep,
      long trainedParameters,
      MemoryPlan memory,
      long lastingBytes,
      long peakBytes,
      long memoryBytes,
      boolean fits,
      Arithmetic arithmetic,
      List<Alternative> alternatives,
      @JsonIgnore boolean thisMachine)
      implements Result {
    @Override
    public String toText() {
      return PlanText.of(this);
    }
  }

  /** The arithmetic of one step, its sums first. */
  record Arithmetic(long needed, long carriedOut, List<Part> parts) {
    static Arithmetic of(StepArithmetic step) {
      return new Arithmetic(
          step.needed(), step.carriedOut(), step.parts().stream().map(Part::of).toList());
    }

    /** One part of it. */
    record Part(
        StepArithmetic.Name name,
        long needed,
        long forward,
        long recomputation,
        long backward,
        long carriedOut) {
      static Part of(StepArithmetic.Part part) {
        return new Part(
            part.name(),
            part.needed(),
            part.forward(),
            part.recomputation(),
            part.backward(),
            part.carriedOut());
      }
    }
  }
}
