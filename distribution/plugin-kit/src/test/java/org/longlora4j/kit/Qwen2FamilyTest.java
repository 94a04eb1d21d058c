package org.longlora4j.kit;

import java.util.Map;

class Qwen2FamilyTest extends ModelFamilyContract {
  @Override
  protected String config() {
    return """
        {
          "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"],
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "use_sliding_window": false,
          "max_position_embeddings": 32, "vocab_size": %d, "rope_theta": 10000.0,
          "tie_word_embeddings": true
        }
        """
        .formatted(vocabulary());
  }

  @Override
  protected Map<String, Object> mistakes() {
    return Map.of("use_sliding_window", "no", "rms_norm_eps", "small");
  }
}
