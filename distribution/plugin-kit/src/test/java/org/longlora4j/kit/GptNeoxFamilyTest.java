package org.longlora4j.kit;

import java.util.Map;

class GptNeoxFamilyTest extends ModelFamilyContract {
  @Override
  protected String config() {
    return """
        {
          "model_type": "gpt_neox", "architectures": ["GPTNeoXForCausalLM"],
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
          "hidden_act": "gelu", "rotary_pct": 0.5, "rotary_emb_base": 10000,
          "max_position_embeddings": 32, "vocab_size": %d, "use_parallel_residual": true,
          "tie_word_embeddings": false
        }
        """
        .formatted(vocabulary());
  }

  @Override
  protected Map<String, Object> mistakes() {
    return Map.of("hidden_act", "silu", "num_attention_heads", 5, "rotary_pct", 0.1);
  }
}
