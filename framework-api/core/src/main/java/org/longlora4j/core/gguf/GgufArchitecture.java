package org.longlora4j.core.gguf;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kind of model that llama.cpp knows, and how its checkpoints are told there.
 *
 * <p>llama.cpp turns neighbouring dimensions of Llama's heads together, as Meta's own code does,
 * where Hugging Face's checkpoints have the rows of queries and keys in another order, so that the
 * two halves of a head turn together. Qwen2 is turned by halves in both.
 */
enum GgufArchitecture {
  /** Llama and Mistral. */
  LLAMA(true, true),
  /** Qwen2. */
  QWEN2(false, false);

  private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\.(.+)");
  private static final Map<String, String> OUTSIDE =
      Map.of(
          "model.embed_tokens.weight", "token_embd.weight",
          "model.norm.weight", "output_norm.weight",
          "lm_head.weight", "output.weight");
  private static final Map<String, String> IN_LAYER =
      Map.of(
          "input_layernorm", "attn_norm",
          "self_attn.q_proj", "attn_q",
          "self_attn.k_proj", "attn_k",
          "self_attn.v_proj", "attn_v",
          "self_attn.o_proj", "attn_output",
          "post_attention_layernorm", "ffn_norm",
          "mlp.gate_proj", "ffn_gate",
          "mlp.up_proj", "ffn_up",
          "mlp.down_proj", "ffn_down");

  private final boolean turnsNeighbours;
  private final boolean takesFrequencies;

  GgufArchitecture(boolean turnsNeighbours, boolean takesFrequencies) {
    this.turnsNeighbours = turnsNeighbours;
    this.takesFrequencies = takesFrequencies;
  }

  /** The architecture of a config.json's {@code model_type}, if there is one. */
  static Optional<GgufArchitecture> of(String modelType) {
    return switch (modelType) {
      case "llama", "mistral" -> Optional.of(LLAMA);
      case "qwen2" -> Optional.of(QWEN2);
      default -> Optional.empty();
    };
  }

  /** The value of {@code general.architecture}, and what its keys begin with. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a file may give a divisor for every frequency. */
  boolean takesFrequencies() {
    return takesFrequencies;
  }

  /**
   * The name of a tensor.
   *
   * @param name as Hugging Face's checkpoints have it
   * @return empty if llama.cpp has no place for it
   */
  Optional<String> tensor(String name) {
    Matcher layer = LAYER.matcher(name);
    if (!layer.matches()) {
      return Optional.ofNullable(OUTSIDE.get(name));
    }
    int dot = layer.group(2).lastIndexOf('.');
    String part = layer.group(2).substring(dot);
    return Optional.ofNullable(IN_LAYER.get(layer.group(2).substring(0, dot)))
        .map(module -> "blk." + layer.group(1) + "." + module + part);
  }

  /** Whether the rows of a tensor are in another order in llama.cpp. */
  boolean permutes(String name) {
    return turnsNeighbours && (isQuery(name) || isKey(name));
  }

  static boolean isQuery(String name) {
    return name.contains(".self_attn.q_proj.");
  }

  private static boolean isKey(String name) {
    return name.contains(".self_attn.k_proj.");
  }
}
