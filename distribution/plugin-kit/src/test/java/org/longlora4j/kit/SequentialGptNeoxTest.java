package org.longlora4j.kit;

/** Attention and MLP one after the other, without biases at attention, and the other activation. */
class SequentialGptNeoxTest extends ModelFamilyContract {
  @Override
  protected String config() {
    return """
        {
          "model_type": "gpt_neox", "architectures": ["GPTNeoXForCausalLM"],
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
          "num_attention_heads": 4, "hidden_act": "gelu_fast", "attention_bias": false,
          "rope_parameters": {
            "rope_type": "default", "rope_theta": 500.0, "partial_rotary_factor": 0.25
          },
          "max_position_embeddings": 32, "vocab_size": %d, "use_parallel_residual": false,
          "tie_word_embeddings": true
        }
        """
        .formatted(vocabulary());
  }
}
