package org.longlora4j.api.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Which projections of a layer read what, by the last part of their names. Those that read one
 * tensor share the memory in which it is kept for the backward pass.
 *
 * @param attentionInput those that read what lies before attention: {@code q_proj}, {@code k_proj},
 *     {@code v_proj}
 * @param attentionOutput the one that reads what attention gives: {@code o_proj}
 * @param mlpInput those that read what lies before the MLP: {@code gate_proj}, {@code up_proj}
 * @param mlpOutput the one that reads what the MLP's activation gives: {@code down_proj}; what a
 *     block ends with, by {@link DecoderOperations#projectLast}, if it can
 * @param mlpActivations how many tensors of the MLP's width are left to the backward pass: 3 where
 *     a gate is multiplied by another projection, and the product; 2 where there is no gate
 */
public record LayerProjections(
    List<String> attentionInput,
    String attentionOutput,
    List<String> mlpInput,
    String mlpOutput,
    int mlpActivations) {
  /** Requires all names. */
  public LayerProjections {
    attentionInput = List.copyOf(attentionInput);
    requireNonNull(attentionOutput, "attentionOutput is null");
    mlpInput = List.copyOf(mlpInput);
    requireNonNull(mlpOutput, "mlpOutput is null");
  }

  /**
   * Whether a projection is of the MLP.
   *
   * @param projection the last part of its name
   */
  public boolean isOfMlp(String projection) {
    return mlpInput.contains(projection) || mlpOutput.equals(projection);
  }
}
