package org.longlora4j.plugin.lora;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.Option;

/**
 * The options of {@code lora} and {@code lora-plus}. All but {@code dropout} may be absent, so that
 * a recipe which contradicts the adapter it starts from can be told from one that does not.
 *
 * @param rank the inner dimension of the low-rank product, 8 unless given
 * @param alpha scales that product by {@code alpha / rank}, 16 unless given
 * @param dropout how likely an element of the product's input is zeroed in training
 * @param targets which projections are wrapped; the attention's four unless given
 */
public record LoraOptions(
    @Option(
            value =
                "The rank of the low-rank matrices; 8 unless given. With start-from the saved"
                    + " adapter's rank holds.",
            min = 1)
        OptionalInt rank,
    @Option(
            "The low-rank product is scaled by alpha / rank; 16 unless given. With start-from the"
                + " saved adapter's alpha holds.")
        OptionalDouble alpha,
    @Option(
            value =
                "The probability with which an element of the low-rank product's input is zeroed"
                    + " in training, below 1.",
            defaultValue = "0",
            min = 0,
            max = 1)
        double dropout,
    @Option(
            "The projections to wrap, each by its full name or the last parts of it, or all-linear"
                + " alone for all of them; [q_proj, k_proj, v_proj, o_proj] unless given. With"
                + " start-from the saved adapter's targets hold.")
        Optional<List<String>> targets) {

  private static final int DEFAULT_RANK = 8;
  private static final double DEFAULT_ALPHA = 16;
  private static final List<String> DEFAULT_TARGETS =
      List.of("q_proj", "k_proj", "v_proj", "o_proj");

  /**
   * Checks what the single options' bounds cannot say.
   *
   * @throws IllegalArgumentException if alpha is not positive, dropout not below 1, or the targets
   *     are none, or all-linear and others
   */
  public LoraOptions {
    if (alpha.isPresent() && !(alpha.getAsDouble() > 0 && Double.isFinite(alpha.getAsDouble()))) {
      throw new IllegalArgumentException(
          "alpha is " + alpha.getAsDouble() + ", must be a finite number greater than 0");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout is " + dropout + ", must be at least 0 and below 1");
    }
    targets = targets.map(List::copyOf);
    targets.ifPresent(LoraOptions::checkTargets);
  }

  private static void checkTargets(List<String> targets) {
    if (targets.isEmpty()) {
      throw new IllegalArgumentException(
          "targets is empty, must name a projection; leave it out for " + DEFAULT_TARGETS);
    }
    if (targets.size() > 1 && targets.contains(ModuleSelection.ALL_LINEAR)) {
      throw new IllegalArgumentException(
          "targets has all-linear beside other names, must have it alone or not at all");
    }
  }

  /** What these options ask for, with the defaults in place. */
  LoraSettings settings(ModuleSelection trained) {
    return new LoraSettings(
        rank.orElse(DEFAULT_RANK),
        alpha.orElse(DEFAULT_ALPHA),
        dropout,
        ModuleSelection.targets(targets.orElse(DEFAULT_TARGETS)),
        trained);
  }
}
