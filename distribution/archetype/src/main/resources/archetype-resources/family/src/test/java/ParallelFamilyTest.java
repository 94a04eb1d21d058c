package ${package};

import java.util.Map;
import org.longlora4j.kit.ModelFamilyContract;

class ParallelFamilyTest extends ModelFamilyContract {
  @Override
  protected String config() {
    return """
        {
          "model_type": "${artifactId}", "architectures": ["ParallelForCausalLM"],
          "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
          "num_attention_heads": 4, "max_position_embeddings": 32, "vocab_size": %d,
          "rope_theta": 10000.0, "tie_word_embeddings": false
        }
        """
        .formatted(vocabulary());
  }

  /** Keys of config.json with values that must be refused. */
  @Override
  protected Map<String, Object> mistakes() {
    return Map.of("num_attention_heads", 5, "layer_norm_eps", "small");
  }
}
