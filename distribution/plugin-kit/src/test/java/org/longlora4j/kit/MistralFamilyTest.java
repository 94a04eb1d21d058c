package org.longlora4j.kit;

import java.util.Map;

class MistralFamilyTest extends ModelFamilyContract {
  @Override
  protected String config() {
    return """
        {
          "model_type": "mistral", "architectures": ["MistralForCausalLM"],
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 1, "head_dim": 16, "sliding_window": 64,
          "max_position_embeddings": 32, "vocab_size": %d, "rope_theta": 10000.0,
          "tie_word_embeddings": false
        }
        """
        .formatted(vocabulary());
  }

  @Override
  protected Map<String, Object> mistakes() {
    return Map.of("hidden_act", "relu", "sliding_window", "wide");
  }
}
