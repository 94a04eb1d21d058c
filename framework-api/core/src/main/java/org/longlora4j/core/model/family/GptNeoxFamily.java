package org.longlora4j.core.model.family;

import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.core.model.family.GptNeoxDecoder.Activation;

/**
 * GPT-NeoX and Pythia (arXiv:2204.06745, section 2.1): partial rotary embeddings, attention and MLP
 * side by side, layer norms with biases, query, key and value in one projection.
 */
public final class GptNeoxFamily implements ModelFamily {
  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "gelu", Activation.EXACT,
          "gelu_new", Activation.TANH,
          "gelu_fast", Activation.TANH,
          "gelu_pytorch_tanh", Activation.TANH);

  @Override
  public String architecture() {
    return "GPTNeoXForCausalLM";
  }

  @Override
  public Decoder read(ConfigKeys config) {
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    int headDim = Math.max(1, hidden / heads);
    boolean sized = config.has("hidden_size") && config.has("num_attention_heads");
    if (sized && hidden % heads != 0) {
      config.refuse("num_attention_heads", "a divisor of hidden_size = " + hidden);
    }
    String activation = config.text("hidden_act", "gelu");
    if (!ACTIVATIONS.containsKey(activation)) {
      config.refuse("hidden_act", "gelu, gelu_new, gelu_fast or gelu_pytorch_tanh");
    }
    DecoderShape shape =
        new DecoderShape(
            config.positive("num_hidden_layers"),
            hidden,
            config.positive("intermediate_size"),
            heads,
            heads,
            headDim,
            sized ? rotaryDim(config, headDim) : headDim,
            config.number("rope_theta", config.number("rotary_emb_base", 10000)),
            config.positive("vocab_size"),
            config.positive("max_position_embeddings"),
            OptionalInt.empty());
    return new GptNeoxDecoder(
        shape,
        config.number("layer_norm_eps", 1e-5),
        config.flag("tie_word_embeddings", false),
        ACTIVATIONS.getOrDefault(activation, Activation.EXACT),
        config.flag("attention_bias", true),
        config.flag("use_parallel_residual", true));
  }

  /** transformers 5 keeps the share beside the base of the frequencies, 4 beside all other keys. */
  private static int rotaryDim(ConfigKeys config, int headDim) {
    String inside = "rope_parameters.partial_rotary_factor";
    String key = config.has(inside) ? inside : "rotary_pct";
    int dim = (int) (headDim * config.number(key, 0.25));
    if (dim < 2 || dim > headDim || dim % 2 != 0) {
      config.refuse(
          key, "a share of a head's %d dimensions that is an even number".formatted(headDim));
    }
    return dim;
  }

  @Override
  public Map<String, Object> rotaryKeys(double theta, double share) {
    return Map.of("rotary_emb_base", theta, "rotary_pct", share);
  }

  @Override
  public Map<String, Object> defaults() {
    return Map.of(
        "vocab_size", 50432,
        "hidden_size", 6144,
        "num_hidden_layers", 44,
        "num_attention_heads", 64,
        "intermediate_size", 24576,
        "max_position_embeddings", 2048);
  }
}
