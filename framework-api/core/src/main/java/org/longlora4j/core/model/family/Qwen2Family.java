package org.longlora4j.core.model.family;

import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.ModelFamily;

/** Qwen2 (arXiv:2407.10671): Llama's decoder with biases on query, key and value. */
public final class Qwen2Family implements ModelFamily {
  @Override
  public String architecture() {
    return "Qwen2ForCausalLM";
  }

  @Override
  public Decoder read(ConfigKeys config) {
    GatedKeys keys = new GatedKeys(config);
    OptionalInt window =
        config.flag("use_sliding_window", false) ? keys.slidingWindow() : OptionalInt.empty();
    return keys.decoder(window, new GatedDecoder.Biases(true, false, false));
  }

  @Override
  public Map<String, Object> defaults() {
    return Map.of(
        "vocab_size", 151936,
        "hidden_size", 4096,
        "intermediate_size", 22016,
        "num_hidden_layers", 32,
        "num_attention_heads", 32,
        "num_key_value_heads", 32,
        "max_position_embeddings", 32768);
  }
}
