package org.longlora4j.plugin.lora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.adapter.ModelModule;

/**
 * LoRA's adapter_config.json, in PEFT's keys.
 *
 * <p>Written are the keys that PEFT has known since 0.9 and that say what the adapter computes; a
 * key whose value would be null is left out, which every version reads as null.
 */
final class LoraConfig {
  static final String TYPE = "peft_type";
  static final String TASK = "task_type";
  static final String RANK = "r";
  static final String ALPHA = "lora_alpha";
  static final String DROPOUT = "lora_dropout";
  static final String BIAS = "bias";
  static final String INITIALIZATION = "init_lora_weights";
  static final String DECOMPOSED = "use_dora";
  static final String STABILIZED = "use_rslora";
  static final String RANK_PATTERN = "rank_pattern";
  static final String ALPHA_PATTERN = "alpha_pattern";

  /** The key of the wrapped projections. */
  static final String TARGETS = "target_modules";

  /** The key of the layers to which the targets are confined. */
  static final String LAYERS = "layers_to_transform";

  /** The key of what stands before a layer's number in its modules' names. */
  static final String LAYERS_NAME = "layers_pattern";

  /** The key of the modules that train whole. */
  static final String TRAINED = "modules_to_save";

  private LoraConfig() {}

  /**
   * What a file says of these settings, but for the model they were made for.
   *
   * @param targets the projections that are wrapped, in the model's order
   * @param trained the modules that train whole, in the model's order
   */
  static Map<String, Object> write(
      LoraSettings settings, List<ModelModule> targets, List<ModelModule> trained) {
    RankAndAlpha size = settings.size();
    Map<String, Object> config = new LinkedHashMap<>();
    config.put(TYPE, "LORA");
    config.put(TASK, "CAUSAL_LM");
    config.put("inference_mode", true);
    config.put(RANK, size.rank());
    config.put(ALPHA, integerIfWhole(size.alpha()));
    config.put(DROPOUT, settings.dropout());
    config.put(TARGETS, settings.targets().inPeft(targets));
    if (!settings.layers().isEmpty()) {
      config.put(LAYERS, settings.layers());
    }
    if (!trained.isEmpty()) {
      config.put(TRAINED, settings.trained().inPeft(trained));
    }
    config.put(BIAS, "none");
    config.put(INITIALIZATION, true);
    config.put("fan_in_fan_out", false);
    config.put(DECOMPOSED, settings.decomposed());
    config.put(STABILIZED, size.stabilized());
    config.put(RANK_PATTERN, numbers(size.rankPattern()));
    config.put(ALPHA_PATTERN, numbers(size.alphaPattern()));
    return Collections.unmodifiableMap(config);
  }

  private static Map<String, Number> numbers(NamePatterns patterns) {
    Map<String, Number> numbers = new LinkedHashMap<>();
    patterns.values().forEach((pattern, value) -> numbers.put(pattern, integerIfWhole(value)));
    return Collections.unmodifiableMap(numbers);
  }

  private static Number integerIfWhole(double value) {
    int whole = (int) value;
    return whole == value ? (Number) whole : (Number) value;
  }
}
