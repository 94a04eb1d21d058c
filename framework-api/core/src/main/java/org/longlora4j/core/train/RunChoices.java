package org.longlora4j.core.train;

import java.util.Optional;
import java.util.function.Supplier;
import org.longlora4j.api.attention.AttentionPattern;
import org.longlora4j.api.tensor.Precision;
import org.longlora4j.core.model.ActivationMemory;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.Kept;
import org.longlora4j.core.recipe.Recipe;
import org.longlora4j.core.recipe.TrainingOptions.PrecisionSetting;

/**
 * What a recipe leaves to the machine, decided once and kept with the run: a resumed run takes the
 * same choices again, since a loss depends on them in its last bits.
 *
 * @param precision the number format of frozen weights and activations
 * @param kept what layers keep until the backward pass
 */
public record RunChoices(Precision precision, Kept kept) {
  private static final double SHARE_OF_ACTIVATIONS = 1.0 / 2;
  private static final double SHARE_OF_ATTENTION = 1.0 / 16;

  /**
   * Takes what the recipe says, and asks for what it leaves open.
   *
   * @param faster asked for the number format
   * @param gpu whether a GPU computes, where no attention is kept
   */
  static RunChoices of(PreparedRun run, Supplier<Precision> faster, boolean gpu) {
    Precision precision =
        switch (run.recipe().training().precision()) {
          case FLOAT32 -> Precision.FLOAT32;
          case BFLOAT16 -> Precision.BFLOAT16;
          case AUTO -> faster.get();
        };
    Kept kept =
        kept(
            run.recipe(),
            run.checkpoint(),
            run.parts(),
            precision,
            new ProcessMemory().availableBytes());
    return new RunChoices(precision, gpu && kept == Kept.ATTENTION ? Kept.INPUT : kept);
  }

  /** What to say where a recipe insists on the number format that takes longer here. */
  static Optional<String> regret(PrecisionSetting setting, Supplier<Precision> faster) {
    return setting == PrecisionSetting.BFLOAT16 && faster.get() == Precision.FLOAT32
        ? Optional.of(
            "training.precision is bfloat16, whose products take longer than those of float32 on"
                + " this machine: auto would take float32, and twice the memory for activations"
                + " and for frozen weights that are not quantized")
        : Optional.empty();
  }

  /**
   * The choices that the run in a recipe's output began with, if there is one.
   *
   * @throws org.longlora4j.api.plugin.InvalidInputException if what the run has put down about them
   *     cannot be read
   */
  public static Optional<RunChoices> noted(Recipe recipe) {
    return new RunDirectory(recipe).choices();
  }

  /**
   * What layers keep: as the recipe says or, if it leaves that open, their activations, all of them
   * or all but the MLPs', if that takes half of the memory at the most, else what attention gave if
   * that takes a sixteenth. Where weights are read back into one buffer, layers run again in any
   * case; what attention gave is kept of patterns that {@linkplain
   * AttentionPattern#attendsByCausalAttention attend by CausalAttention}.
   *
   * @param availableBytes the memory there is
   */
  public static Kept kept(
      Recipe recipe,
      Checkpoint checkpoint,
      PreparedRun.Parts parts,
      Precision precision,
      long availableBytes) {
    Kept kept =
        switch (recipe.training().recompute()) {
          case FALSE -> Kept.ACTIVATIONS;
          case MLP -> Kept.ALL_BUT_MLP;
          case KEEP_ATTENTION -> Kept.ATTENTION;
          case TRUE -> Kept.INPUT;
          case AUTO -> fitting(recipe, checkpoint, parts, precision, availableBytes);
        };
    return kept == Kept.ATTENTION && !parts.attention().attendsByCausalAttention()
        ? Kept.INPUT
        : kept;
  }

  private static Kept fitting(
      Recipe recipe,
      Checkpoint checkpoint,
      PreparedRun.Parts parts,
      Precision precision,
      long availableBytes) {
    ActivationMemory activations =
        PreparedRun.activations(recipe, checkpoint.config(), parts, precision);
    double most = SHARE_OF_ACTIVATIONS * availableBytes;
    if (!PreparedRun.quantized(checkpoint, parts.plan(), parts.quantizer())) {
      if (activations.keptBytes(0, Kept.ACTIVATIONS) <= most) {
        return Kept.ACTIVATIONS;
      }
      if (activations.keptBytes(0, Kept.ALL_BUT_MLP) <= most) {
        return Kept.ALL_BUT_MLP;
      }
    }
    return activations.keptBytes(0, Kept.ATTENTION) <= SHARE_OF_ATTENTION * availableBytes
        ? Kept.ATTENTION
        : Kept.INPUT;
  }
}
