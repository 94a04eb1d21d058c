package org.longlora4j.core.recipe;

import org.longlora4j.api.plugin.Option;
import org.longlora4j.api.train.Optimizer;
import org.longlora4j.core.plugin.Choice;

/**
 * The {@code training} section of a recipe.
 *
 * @param steps optimizer steps
 * @param batchSize rows of {@code context} tokens in one forward pass
 * @param shuffleRows rows that are read ahead and given in random order
 * @param accumulate forward passes whose gradients make one step
 * @param learningRate the highest learning rate of the schedule
 * @param schedule how the learning rate changes from step to step
 * @param warmupSteps steps over which the learning rate rises from 0
 * @param maxGradNorm the global norm that gradients are clipped to; 0 for no clipping
 * @param optimizer how parameters are updated
 * @param precision the format of frozen weights and activations
 * @param recompute whether layers run again in the backward pass, or what of them
 * @param checkpointEvery steps between checkpoints, beside one at the end; 0 for none unless the
 *     run is stopped or fails
 * @param keepCheckpoints how many checkpoints stay
 * @param seed decides data order and dropout
 */
public record TrainingOptions(
    @Option(value = "How many optimizer steps to take", min = 1) int steps,
    @Option(value = "Rows of context tokens in one forward pass", defaultValue = "1", min = 1)
        int batchSize,
    @Option(
            value =
                "How many rows are read ahead and given in random order, so that a step sees several"
                    + " documents; 1 keeps the data's order",
            defaultValue = "1",
            min = 1,
            max = 1e6)
        int shuffleRows,
    @Option(
            value = "Forward passes whose gradients make one optimizer step",
            defaultValue = "1",
            min = 1)
        int accumulate,
    @Option(value = "The highest learning rate of the schedule", defaultValue = "2e-5", min = 0)
        double learningRate,
    @Option(
            value = "How the learning rate changes from step to step",
            defaultValue = "constant-with-warmup")
        Schedule schedule,
    @Option(value = "Steps over which the learning rate rises from 0", defaultValue = "0", min = 0)
        int warmupSteps,
    @Option(
            value = "The global norm that gradients are clipped to; 0 for no clipping",
            defaultValue = "1.0",
            min = 0)
        double maxGradNorm,
    @Option(value = "How parameters are updated", defaultValue = "adamw")
        Choice<Optimizer> optimizer,
    @Option(
            value =
                "The format of frozen weights and activations; auto takes what the device computes fastest",
            defaultValue = "auto")
        PrecisionSetting precision,
    @Option(
            value =
                "Whether each layer runs again in the backward pass instead of keeping its"
                    + " activations; keep-attention has all of it run again but dense or shifted sparse attention, mlp"
                    + " its MLP alone, auto decides by the memory there is",
            defaultValue = "auto")
        Recompute recompute,
    @Option(
            value =
                "Steps between checkpoints, beside one at the end; 0 for none unless the run is"
                    + " stopped or fails",
            defaultValue = "100",
            min = 0)
        int checkpointEvery,
    @Option(value = "How many checkpoints stay", defaultValue = "2", min = 1) int keepCheckpoints,
    @Option(value = "Decides data order and dropout", defaultValue = "42") long seed) {

  /**
   * Checks what spans several options.
   *
   * @throws IllegalArgumentException if a schedule without warm-up is given warm-up steps
   */
  public TrainingOptions {
    if (schedule == Schedule.CONSTANT && warmupSteps > 0) {
      throw new IllegalArgumentException(
          "schedule constant has no warm-up, but warmup-steps is "
              + warmupSteps
              + "; use constant-with-warmup");
    }
  }

  /** How the learning rate changes from step to step, by the names transformers gives them. */
  public enum Schedule {
    /** Always the same. */
    CONSTANT,
    /** Rises over the warm-up steps, then falls to 0 in a straight line. */
    LINEAR,
    /** Rises over the warm-up steps, then falls to 0 along half a cosine. */
    COSINE,
    /** Rises over the warm-up steps, then stays. */
    CONSTANT_WITH_WARMUP
  }

  /** The format of frozen weights and activations. */
  public enum PrecisionSetting {
    /** What the device computes fastest. */
    AUTO,
    /** 32-bit floating point. */
    FLOAT32,
    /** 16-bit brain floating point. */
    BFLOAT16
  }

  /** Whether each layer runs again in the backward pass instead of keeping its activations. */
  public enum Recompute {
    /** If the activations would not fit. */
    AUTO,
    /** Always. */
    TRUE,
    /** Always, but for attention, whose results are kept. */
    KEEP_ATTENTION,
    /** The MLP alone; of the rest, activations are kept. */
    MLP,
    /** Never. */
    FALSE;

    /**
     * Whether projections run again. Quantized weights are read back into one buffer, layer by
     * layer, and are there for a second time only then.
     */
    public boolean isForQuantized() {
      return this != FALSE && this != MLP;
    }
  }
}
