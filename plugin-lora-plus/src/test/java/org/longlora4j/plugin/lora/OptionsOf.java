package org.longlora4j.plugin.lora;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Options of a recipe, all left out but those that a test gives. */
final class OptionsOf {
  private OptionalInt rank = OptionalInt.empty();
  private OptionalDouble alpha = OptionalDouble.empty();
  private Map<String, Object> rankPattern = Map.of();
  private Map<String, Object> alphaPattern = Map.of();
  private double dropout;
  private Optional<List<String>> targets = Optional.empty();
  private List<Integer> layers = List.of();
  private Optional<List<Trainable>> train = Optional.empty();
  private Initialization init = Initialization.DEFAULT;
  private LearningRateFactors factors = LearningRateFactors.NONE;

  OptionsOf rank(int value) {
    rank = OptionalInt.of(value);
    return this;
  }

  OptionsOf alpha(double value) {
    alpha = OptionalDouble.of(value);
    return this;
  }

  OptionsOf rankPattern(Map<String, Object> value) {
    rankPattern = value;
    return this;
  }

  OptionsOf alphaPattern(Map<String, Object> value) {
    alphaPattern = value;
    return this;
  }

  OptionsOf dropout(double value) {
    dropout = value;
    return this;
  }

  OptionsOf targets(String... value) {
    targets = Optional.of(List.of(value));
    return this;
  }

  OptionsOf layers(Integer... value) {
    layers = List.of(value);
    return this;
  }

  OptionsOf train(Trainable... value) {
    train = Optional.of(List.of(value));
    return this;
  }

  OptionsOf init(Initialization value) {
    init = value;
    return this;
  }

  OptionsOf factors(LearningRateFactors value) {
    factors = value;
    return this;
  }

  LoraOptions build() {
    return new LoraOptions(
        rank, alpha, rankPattern, alphaPattern, dropout, targets, layers, train, init, factors);
  }
}
