package org.longlora4j.plugin.lora;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.longlora4j.api.plugin.Problems;

/** Reads LoRA's adapter_config.json, and refuses what would change the result unseen. */
final class LoraConfigReader {
  private static final String RANKS = "a whole number of at least 1";

  private static final Set<String> UNDERSTOOD =
      Set.of(
          LoraConfig.TYPE,
          LoraConfig.TASK,
          LoraConfig.RANK,
          LoraConfig.ALPHA,
          LoraConfig.DROPOUT,
          LoraConfig.TARGETS,
          LoraConfig.LAYERS,
          LoraConfig.LAYERS_NAME,
          LoraConfig.TRAINED,
          LoraConfig.BIAS,
          LoraConfig.INITIALIZATION,
          LoraConfig.DECOMPOSED,
          LoraConfig.STABILIZED,
          LoraConfig.RANK_PATTERN,
          LoraConfig.ALPHA_PATTERN);

  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          // say where the adapter comes from
          "auto_mapping",
          "base_model_name_or_path",
          "inference_mode",
          "peft_version",
          "revision",
          // steered how the adapter was first drawn, which its tensors replace
          "corda_config",
          "eva_config",
          "loftq_config",
          "lora_ga_config",
          // mean something only beside another option, which is refused itself
          "megatron_core",
          "qalora_group_size");

  /** The initializations that leave the model's own weights as they were. */
  private static final Set<Object> INITIALIZATIONS =
      Set.of(true, false, "gaussian", "orthogonal", "eva");

  private final Map<String, Object> config;
  private final Problems problems;

  private LoraConfigReader(Map<String, Object> config, Problems problems) {
    this.config = config;
    this.problems = problems;
  }

  /**
   * The settings that a file describes.
   *
   * @param config the file's contents
   * @param problems collects, under the keys of the file, what is missing, wrong or not supported
   * @return the settings, with stand-ins where a problem was reported
   */
  static LoraSettings read(Map<String, Object> config, Problems problems) {
    LoraConfigReader file = new LoraConfigReader(config, problems);
    file.refuseUnsupported();
    RankAndAlpha size =
        new RankAndAlpha(
            (int) file.number(LoraConfig.RANK, RANKS, LoraConfigReader::isRank, 1),
            file.number(LoraConfig.ALPHA, "a number", Double::isFinite, 1),
            file.patterns(LoraConfig.RANK_PATTERN, RANKS, LoraConfigReader::isRank),
            file.patterns(LoraConfig.ALPHA_PATTERN, "a number", Double::isFinite),
            file.flag(LoraConfig.STABILIZED));
    return new LoraSettings(
        size,
        file.flag(LoraConfig.DECOMPOSED),
        file.config.get(LoraConfig.DROPOUT) == null
            ? 0
            : file.number(LoraConfig.DROPOUT, "at least 0 and below 1", p -> p >= 0 && p < 1, 0),
        file.targets(),
        file.layers(),
        file.trained());
  }

  private static boolean isRank(double value) {
    return value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value);
  }

  private void refuseUnsupported() {
    require(LoraConfig.TYPE, "LORA"::equals, "LORA");
    require(LoraConfig.TASK, task -> task == null || task.equals("CAUSAL_LM"), "CAUSAL_LM");
    require(LoraConfig.BIAS, bias -> bias == null || bias.equals("none"), "none");
    require(
        LoraConfig.LAYERS_NAME,
        name -> isNeutral(name) || name.equals("layers") || name.equals(List.of("layers")),
        "absent or layers");
    require(
        LoraConfig.INITIALIZATION,
        value -> value == null || INITIALIZATIONS.contains(value),
        "true, false, gaussian, orthogonal or eva, which leave the model's own weights alone");
    config.forEach(
        (key, value) -> {
          if (!UNDERSTOOD.contains(key) && !WITHOUT_EFFECT.contains(key) && !isNeutral(value)) {
            problems.report(
                key,
                ("%s is not supported, must be absent, null, false or empty; merge such an adapter"
                        + " into its model with PEFT and use the merged model")
                    .formatted(value));
          }
        });
  }

  private void require(String key, Predicate<Object> supported, String expected) {
    Object value = config.get(key);
    if (!supported.test(value)) {
      problems.report(key, "%s is not supported, must be %s".formatted(value, expected));
    }
  }

  private static boolean isNeutral(Object value) {
    return value == null
        || value.equals(false)
        || value.equals("")
        || (value instanceof Collection<?> list && list.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty());
  }

  private double number(String key, String expected, DoublePredicate accepts, double standIn) {
    Object value = config.get(key);
    if (value instanceof Number number && accepts.test(number.doubleValue())) {
      return number.doubleValue();
    }
    problems.report(key, "is %s, must be %s".formatted(shown(value), expected));
    return standIn;
  }

  private boolean flag(String key) {
    Object value = config.get(key);
    if (value != null && !(value instanceof Boolean)) {
      problems.report(key, "is %s, must be true or false".formatted(value));
    }
    return Boolean.TRUE.equals(value);
  }

  private NamePatterns patterns(String key, String expected, DoublePredicate accepts) {
    if (isNeutral(config.get(key))) {
      return NamePatterns.NONE;
    }
    Map<String, Double> patterns = new LinkedHashMap<>();
    if (config.get(key) instanceof Map<?, ?> map) {
      map.forEach(
          (pattern, value) -> {
            if (value instanceof Number number && accepts.test(number.doubleValue())) {
              patterns.put(pattern.toString(), number.doubleValue());
            } else {
              problems.report(
                  key + "." + pattern, "is %s, must be %s".formatted(shown(value), expected));
            }
          });
    } else {
      problems.report(key, "is %s, must be an object".formatted(config.get(key)));
    }
    try {
      return new NamePatterns(patterns);
    } catch (PatternSyntaxException e) {
      problems.report(key, notAnExpression(e.getPattern(), e));
      return NamePatterns.NONE;
    }
  }

  private ModuleSelection targets() {
    Object value = config.get(LoraConfig.TARGETS);
    if (value instanceof String text) {
      return text.equals(ModuleSelection.ALL_LINEAR)
          ? ModuleSelection.targets(List.of(text))
          : expression(text);
    }
    if (isNames(value)) {
      return new ModuleSelection.Named(names(value), true);
    }
    problems.report(
        LoraConfig.TARGETS,
        "is %s, must be a list of module names, all-linear or a regular expression"
            .formatted(shown(value)));
    return ModuleSelection.none();
  }

  private ModuleSelection expression(String text) {
    if (!layers().isEmpty()) {
      problems.report(
          LoraConfig.LAYERS,
          "is given beside a regular expression for %s, must be absent: PEFT refuses both"
              .formatted(LoraConfig.TARGETS));
    }
    try {
      return new ModuleSelection.Expression(Pattern.compile(text));
    } catch (PatternSyntaxException e) {
      problems.report(LoraConfig.TARGETS, notAnExpression(text, e));
      return ModuleSelection.none();
    }
  }

  private static String notAnExpression(String text, PatternSyntaxException e) {
    return "'%s' is not a regular expression: %s".formatted(text, e.getDescription());
  }

  /** PEFT takes a single number for a list of one. */
  private List<Integer> layers() {
    Object value = config.get(LoraConfig.LAYERS);
    if (isNeutral(value)) {
      return List.of();
    }
    List<?> layers = value instanceof List<?> list ? list : List.of(value);
    if (layers.stream().allMatch(layer -> layer instanceof Integer index && index >= 0)) {
      return layers.stream().map(Integer.class::cast).toList();
    }
    problems.report(LoraConfig.LAYERS, "is %s, must be a list of layers".formatted(value));
    return List.of();
  }

  private ModuleSelection trained() {
    Object value = config.get(LoraConfig.TRAINED);
    if (isNeutral(value)) {
      return ModuleSelection.none();
    }
    if (isNames(value)) {
      return new ModuleSelection.Named(names(value), false);
    }
    problems.report(LoraConfig.TRAINED, "is %s, must be a list of module names".formatted(value));
    return ModuleSelection.none();
  }

  private static boolean isNames(Object value) {
    return value instanceof List<?> list
        && !list.isEmpty()
        && list.stream().allMatch(String.class::isInstance);
  }

  private static List<String> names(Object value) {
    return ((List<?>) value).stream().map(String.class::cast).toList();
  }

  private static String shown(Object value) {
    return value == null ? "missing" : Objects.toString(value);
  }
}
