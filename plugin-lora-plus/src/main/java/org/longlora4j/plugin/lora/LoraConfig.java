package org.longlora4j.plugin.lora;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.plugin.Problems;

/**
 * LoRA's adapter_config.json, in PEFT's keys.
 *
 * <p>Written are the keys that PEFT has known since 0.9 and that say what the adapter computes; a
 * key whose value would be null is left out, which every version reads as null.
 */
final class LoraConfig {
  /** The key of the wrapped projections. */
  static final String TARGETS = "target_modules";

  /** The key of the modules that train whole. */
  static final String TRAINED = "modules_to_save";

  private static final String TYPE = "peft_type";
  private static final String TASK = "task_type";
  private static final String RANK = "r";
  private static final String ALPHA = "lora_alpha";
  private static final String DROPOUT = "lora_dropout";
  private static final String BIAS = "bias";
  private static final String INITIALIZATION = "init_lora_weights";

  private static final Set<String> UNDERSTOOD =
      Set.of(TYPE, TASK, RANK, ALPHA, DROPOUT, TARGETS, TRAINED, BIAS, INITIALIZATION);

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
          "layers_pattern",
          "megatron_core",
          "qalora_group_size");

  /** The initializations that leave the model's own weights as they were. */
  private static final Set<Object> INITIALIZATIONS =
      Set.of(true, false, "gaussian", "orthogonal", "eva");

  private final Map<String, Object> config;
  private final Problems problems;

  private LoraConfig(Map<String, Object> config, Problems problems) {
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
    LoraConfig file = new LoraConfig(config, problems);
    file.refuseUnsupported();
    return new LoraSettings(
        (int) file.number(RANK, "a whole number of at least 1", LoraConfig::isRank, 1),
        file.number(ALPHA, "a number", Double::isFinite, 1),
        file.config.get(DROPOUT) == null
            ? 0
            : file.number(DROPOUT, "at least 0 and below 1", p -> p >= 0 && p < 1, 0),
        file.targets(),
        file.trained());
  }

  private static boolean isRank(double value) {
    return value >= 1 && value <= Integer.MAX_VALUE && value == Math.rint(value);
  }

  private void refuseUnsupported() {
    require(TYPE, "LORA"::equals, "LORA");
    require(TASK, task -> task == null || task.equals("CAUSAL_LM"), "CAUSAL_LM");
    require(BIAS, bias -> bias == null || bias.equals("none"), "none");
    require(
        INITIALIZATION,
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

  private ModuleSelection targets() {
    Object value = config.get(TARGETS);
    if (value instanceof String text) {
      return text.equals(ModuleSelection.ALL_LINEAR)
          ? ModuleSelection.targets(List.of(text))
          : expression(text);
    }
    if (isNames(value)) {
      return new ModuleSelection.Named(names(value), true);
    }
    problems.report(
        TARGETS,
        "is %s, must be a list of module names, all-linear or a regular expression"
            .formatted(shown(value)));
    return ModuleSelection.none();
  }

  private ModuleSelection expression(String text) {
    try {
      return new ModuleSelection.Expression(Pattern.compile(text));
    } catch (PatternSyntaxException e) {
      problems.report(
          TARGETS, "'%s' is not a regular expression: %s".formatted(text, e.getDescription()));
      return ModuleSelection.none();
    }
  }

  private ModuleSelection trained() {
    Object value = config.get(TRAINED);
    if (isNeutral(value)) {
      return ModuleSelection.none();
    }
    if (isNames(value)) {
      return new ModuleSelection.Named(names(value), false);
    }
    problems.report(TRAINED, "is %s, must be a list of module names".formatted(value));
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

  /**
   * What a file says of these settings, but for the model they were made for.
   *
   * @param targets the projections that are wrapped, in the model's order
   * @param trained the modules that train whole, in the model's order
   */
  static Map<String, Object> write(
      LoraSettings settings, List<ModelModule> targets, List<ModelModule> trained) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(TYPE, "LORA");
    config.put(TASK, "CAUSAL_LM");
    config.put("inference_mode", true);
    config.put(RANK, settings.rank());
    config.put(ALPHA, integerIfWhole(settings.alpha()));
    config.put(DROPOUT, settings.dropout());
    config.put(TARGETS, settings.targets().inPeft(targets));
    if (!trained.isEmpty()) {
      config.put(TRAINED, settings.trained().inPeft(trained));
    }
    config.put(BIAS, "none");
    config.put(INITIALIZATION, true);
    config.put("fan_in_fan_out", false);
    config.put("use_dora", false);
    config.put("use_rslora", false);
    config.put("rank_pattern", Map.of());
    config.put("alpha_pattern", Map.of());
    return Collections.unmodifiableMap(config);
  }

  private static Number integerIfWhole(double value) {
    int whole = (int) value;
    return whole == value ? (Number) whole : (Number) value;
  }
}
