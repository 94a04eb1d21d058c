package org.longlora4j.plugin.lora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoublePredicate;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Option;

/**
 * The options of all strategies here. What a saved adapter fixes may be absent, so that a recipe
 * which contradicts the adapter it starts from can be told from one that does not.
 *
 * @param rank the inner dimension of the low-rank product, 8 unless given
 * @param alpha what scales that product, 16 unless given
 * @param rankPattern other ranks, for modules whose name matches
 * @param alphaPattern other alphas, for modules whose name matches
 * @param dropout how likely an element of the product's input is zeroed in training
 * @param targets which projections are wrapped; the attention's unless given
 * @param layers the layers to which the targets are confined
 * @param train what trains whole beside them; the strategy's own choice unless given
 * @param init where the matrices of a new adapter begin
 * @param learningRateFactors by what the learning rate is multiplied for some parameters
 */
public record LoraOptions(
    @Option(
            value =
                "The rank of the low-rank matrices; 8 unless given. With start-from the saved"
                    + " adapter's rank holds.",
            min = 1)
        OptionalInt rank,
    @Option(
            "The low-rank product is scaled by alpha / rank, or by alpha / sqrt(rank) under rslora;"
                + " 16 unless given. With start-from the saved adapter's alpha holds.")
        OptionalDouble alpha,
    @Option(
            value =
                "Other ranks for some projections, by regular expressions for their full name or"
                    + " the last parts of it: { v_proj: 16 }. The first that matches holds.",
            defaultValue = "{}")
        Map<String, Object> rankPattern,
    @Option(value = "Other alphas for some projections, as rank-pattern.", defaultValue = "{}")
        Map<String, Object> alphaPattern,
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
                + " alone for all of them; those of attention unless given: [q_proj, k_proj,"
                + " v_proj, o_proj], or [query_key_value, dense] where a model is named so. With"
                + " start-from the saved adapter's targets hold.")
        Optional<List<String>> targets,
    @Option(
            value =
                "The layers to which the targets are confined, counted from 0; all unless given.",
            defaultValue = "[]",
            min = 0)
        List<Integer> layers,
    @Option(
            "What trains whole beside the low-rank matrices: embeddings, norms, head; [embeddings,"
                + " norms] under lora-plus and nothing otherwise, unless given.")
        Optional<List<Trainable>> train,
    @Option(
            value =
                "Where a new adapter begins: default changes nothing, pissa begins with the"
                    + " weight's principal part, loftq with what quantization took from it. The"
                    + " last two are saved as an ordinary adapter of twice the rank.",
            defaultValue = "default")
        Initialization init,
    @Option(
            value = "By what training.learning-rate is multiplied for some parameters.",
            defaultValue = "{}")
        LearningRateFactors learningRateFactors) {

  private static final int DEFAULT_RANK = 8;
  private static final double DEFAULT_ALPHA = 16;

  /** The projections of attention by the names that families of models give them. */
  private static final List<List<String>> DEFAULT_TARGETS =
      List.of(List.of("q_proj", "k_proj", "v_proj", "o_proj"), List.of("query_key_value", "dense"));

  /** Nothing given. */
  static final LoraOptions DEFAULTS =
      new LoraOptions(
          OptionalInt.empty(),
          OptionalDouble.empty(),
          Map.of(),
          Map.of(),
          0,
          Optional.empty(),
          List.of(),
          Optional.empty(),
          Initialization.DEFAULT,
          LearningRateFactors.NONE);

  /**
   * Checks what the single options' bounds cannot say.
   *
   * @throws IllegalArgumentException if alpha is not positive, dropout not below 1, the targets are
   *     none, or all-linear and others, or a pattern is no regular expression or has a wrong number
   */
  public LoraOptions {
    if (alpha.isPresent() && !isAlpha(alpha.getAsDouble())) {
      throw new IllegalArgumentException(
          "alpha is " + alpha.getAsDouble() + ", must be a finite number greater than 0");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException(
          "dropout is " + dropout + ", must be at least 0 and below 1");
    }
    rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
    alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
    patterns("rank-pattern", rankPattern, LoraOptions::isRank, "a whole number of at least 1");
    patterns("alpha-pattern", alphaPattern, LoraOptions::isAlpha, "a number greater than 0");
    targets = targets.map(List::copyOf);
    targets.ifPresent(LoraOptions::checkTargets);
    layers = List.copyOf(layers);
    train = train.map(List::copyOf);
  }

  private static boolean isRank(double value) {
    return value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value);
  }

  private static boolean isAlpha(double value) {
    return value > 0 && Double.isFinite(value);
  }

  private static NamePatterns patterns(
      String key, Map<String, Object> given, DoublePredicate accepts, String expected) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    given.forEach(
        (pattern, value) -> {
          if (!(value instanceof Number number && accepts.test(number.doubleValue()))) {
            throw new IllegalArgumentException(
                "%s.%s is %s, must be %s".formatted(key, pattern, value, expected));
          }
          numbers.put(pattern, number.doubleValue());
        });
    try {
      return new NamePatterns(numbers);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "%s has '%s', which is not a regular expression: %s"
              .formatted(key, e.getPattern(), e.getDescription()),
          e);
    }
  }

  private static void checkTargets(List<String> targets) {
    if (targets.isEmpty()) {
      throw new IllegalArgumentException(
          "targets is empty, must name a projection; leave it out for those of attention");
    }
    if (targets.size() > 1 && targets.contains(ModuleSelection.ALL_LINEAR)) {
      throw new IllegalArgumentException(
          "targets has all-linear beside other names, must have it alone or not at all");
    }
  }

  /** The projections of a model's attention, by the first names of which it has any. */
  private static List<String> attention(List<ModelModule> modules) {
    return DEFAULT_TARGETS.stream()
        .filter(names -> modules.stream().anyMatch(m -> names.contains(m.shortName())))
        .findFirst()
        .orElse(DEFAULT_TARGETS.get(0));
  }

  /**
   * What these options ask for, with the defaults in place.
   *
   * @param stabilized whether products are scaled by the root of the rank
   * @param decomposed whether weights are split into magnitude and direction
   * @param trained what trains whole unless {@code train} says so
   * @param modules of the model
   */
  LoraSettings settings(
      boolean stabilized, boolean decomposed, List<Trainable> trained, List<ModelModule> modules) {
    RankAndAlpha size =
        new RankAndAlpha(
            rank.orElse(DEFAULT_RANK),
            alpha.orElse(DEFAULT_ALPHA),
            patterns("rank-pattern", rankPattern, LoraOptions::isRank, ""),
            patterns("alpha-pattern", alphaPattern, LoraOptions::isAlpha, ""),
            stabilized);
    return new LoraSettings(
        size,
        decomposed,
        dropout,
        ModuleSelection.targets(targets.orElseGet(() -> attention(modules))),
        layers,
        new ModuleSelection.OfKind(
            train.orElse(trained).stream().map(Trainable::kind).collect(Collectors.toSet())));
  }
}
