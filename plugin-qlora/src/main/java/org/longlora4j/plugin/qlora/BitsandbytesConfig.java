package org.longlora4j.plugin.qlora;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.longlora4j.api.tensor.ElementType;

/** The {@code quantization_config} that transformers writes for bitsandbytes. */
final class BitsandbytesConfig {
  /** The {@code quant_method}. */
  static final String METHOD = "bitsandbytes";

  /** The {@code quant_type} of four bits. */
  static final String FOUR_BIT_TYPE = "bnb_4bit_quant_type";

  /** Whether the scales of four bits are quantized. */
  static final String DOUBLE_QUANTIZATION = "bnb_4bit_use_double_quant";

  private static final double OUTLIER_THRESHOLD = 6.0; // transformers' default

  private BitsandbytesConfig() {}

  /**
   * All keys, in the order in which transformers sorts them.
   *
   * @param fourBit the codebook of four bits; empty for eight
   * @param doubleQuantization whether scales are quantized
   * @param computeType the number format of products
   */
  static Map<String, Object> of(
      Optional<FourBitCodebook> fourBit, boolean doubleQuantization, ElementType computeType) {
    Map<String, Object> config = new TreeMap<>();
    config.put("_load_in_4bit", fourBit.isPresent());
    config.put("_load_in_8bit", fourBit.isEmpty());
    config.put("bnb_4bit_compute_dtype", dtype(computeType));
    config.put("bnb_4bit_quant_storage", "uint8");
    config.put(FOUR_BIT_TYPE, fourBit.orElse(FourBitCodebook.FP4).id());
    config.put(DOUBLE_QUANTIZATION, doubleQuantization);
    config.put("llm_int8_enable_fp32_cpu_offload", false);
    config.put("llm_int8_has_fp16_weight", false);
    config.put("llm_int8_skip_modules", null);
    config.put("llm_int8_threshold", OUTLIER_THRESHOLD);
    config.put("load_in_4bit", fourBit.isPresent());
    config.put("load_in_8bit", fourBit.isEmpty());
    config.put("quant_method", METHOD);
    return config;
  }

  /** Whether a config asks for a width, under either of its spellings. */
  static boolean loads(Map<String, Object> config, String width) {
    return Boolean.TRUE.equals(config.get("load_in_" + width))
        || Boolean.TRUE.equals(config.get("_load_in_" + width));
  }

  /** A number format as torch names it; bitsandbytes knows none of 64 bits. */
  static String dtype(ElementType type) {
    return switch (type) {
      case BF16 -> "bfloat16";
      case F16 -> "float16";
      default -> "float32";
    };
  }
}
