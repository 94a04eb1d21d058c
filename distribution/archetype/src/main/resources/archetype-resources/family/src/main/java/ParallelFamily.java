package ${package};

import java.util.OptionalInt;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.ModelFamily;

/** Models whose attention and MLP stand side by side behind one norm. */
public final class ParallelFamily implements ModelFamily {
  @Override
  public String architecture() {
    return "ParallelForCausalLM";
  }

  @Override
  public Decoder read(ConfigKeys config) {
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    boolean sized = config.has("hidden_size") && config.has("num_attention_heads");
    // A head's dimensions are rotated in pairs.
    if (sized && hidden % (2 * heads) != 0) {
      config.refuse("num_attention_heads", "a divisor of half of hidden_size = " + hidden);
    }
    int headDim = 2 * Math.max(1, hidden / (2 * heads));
    DecoderShape shape =
        new DecoderShape(
            config.positive("num_hidden_layers"),
            hidden,
            config.positive("intermediate_size"),
            heads,
            heads,
            headDim,
            headDim,
            config.number("rope_theta", 10000),
            config.positive("vocab_size"),
            config.positive("max_position_embeddings"),
            OptionalInt.empty());
    return new ParallelDecoder(
        shape, config.number("layer_norm_eps", 1e-5), config.flag("tie_word_embeddings", false));
  }
}
