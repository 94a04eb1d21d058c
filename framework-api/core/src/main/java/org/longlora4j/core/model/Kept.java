package org.longlora4j.core.model;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a layer keeps of the forward pass, beside its input, until the backward pass comes to it.
 */
public enum Kept {
  /** All that its gradients need: it does not run again. */
  ACTIVATIONS("false"),
  /** The same but for what lies in its MLP, which runs again. */
  ALL_BUT_MLP("mlp"),
  /** What attention gave: the rest runs again. */
  ATTENTION("keep-attention"),
  /** Nothing: all of it runs again. */
  INPUT("true");

  private final String setting;

  Kept(String setting) {
    this.setting = setting;
  }

  /** What {@code training.recompute} says in a recipe to have this kept. */
  @JsonValue
  public String setting() {
    return setting;
  }

  /** All of these. */
  public static List<String> settings() {
    return Arrays.stream(values()).map(Kept::setting).toList();
  }

  /** What is kept by such a setting, if it is one. */
  public static Optional<Kept> of(String setting) {
    return Arrays.stream(values()).filter(kept -> kept.setting.equals(setting)).findFirst();
  }

  /** Whether MLPs run again in the backward pass. */
  public boolean recomputesMlp() {
    return this != ACTIVATIONS;
  }

  /** Whether the projections before and behind attention run again in the backward pass. */
  public boolean recomputesProjections() {
    return this == ATTENTION || this == INPUT;
  }

  /** Whether attention runs again in the backward pass. */
  public boolean recomputesAttention() {
    return this == INPUT;
  }
}
