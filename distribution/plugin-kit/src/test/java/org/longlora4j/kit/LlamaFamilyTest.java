package org.longlora4j.kit;

import java.util.Map;

class LlamaFamilyTest extends ModelFamilyContract {
  @Override
  protected String config() {
    return """
        {
          "model_type": "llama", "architectures": ["LlamaForCausalLM"],
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "attention_bias": true, "mlp_bias": true,
          "max_position_embeddings": 32, "vocab_size": %d, "rope_theta": 10000.0,
          "tie_word_embeddings": false
        }
        """
        .formatted(vocabulary());
  }

  @Override
  protected Map<String, Object> mistakes() {
    return Map.of(
        "hidden_act",
        "gelu",
        "num_key_value_heads",
        3,
        "head_dim",
        7,
        "partial_rotary_factor",
        0.5);
  }
}
