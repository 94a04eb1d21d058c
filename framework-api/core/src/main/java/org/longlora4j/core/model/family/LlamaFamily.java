package org.longlora4j.core.model.family;

import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.ModelFamily;

/** Llama, Llama 2, Llama 3 and their kin (arXiv:2302.13971). */
public final class LlamaFamily implements ModelFamily {
  @Override
  public String architecture() {
    return "LlamaForCausalLM";
  }

  @Override
  public Decoder read(ConfigKeys config) {
    boolean attentionBias = config.flag("attention_bias", false);
    GatedDecoder.Biases biases =
        new GatedDecoder.Biases(attentionBias, attentionBias, config.flag("mlp_bias", false));
    return new GatedKeys(config).decoder(OptionalInt.empty(), biases);
  }

  @Override
  public Map<String, Object> defaults() {
    return Map.of(
        "vocab_size", 32000,
        "hidden_size", 4096,
        "intermediate_size", 11008,
        "num_hidden_layers", 32,
        "num_attention_heads", 32,
        "max_position_embeddings", 2048);
  }
}
