package org.longlora4j.core.model.family;

import java.util.Map;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.ModelFamily;

/** Mistral (arXiv:2310.06825): Llama's decoder with an optional sliding window. */
public final class MistralFamily implements ModelFamily {
  @Override
  public String architecture() {
    return "MistralForCausalLM";
  }

  @Override
  public Decoder read(ConfigKeys config) {
    GatedKeys keys = new GatedKeys(config);
    return keys.decoder(keys.slidingWindow(), GatedDecoder.Biases.NONE);
  }

  @Override
  public Map<String, Object> defaults() {
    return Map.of(
        "vocab_size", 32000,
        "hidden_size", 4096,
        "intermediate_size", 14336,
        "num_hidden_layers", 32,
        "num_attention_heads", 32,
        "num_key_value_heads", 8,
        "max_position_embeddings", 131072,
        "sliding_window", 4096);
  }
}
