package org.longlora4j.core.model.family;

import java.util.OptionalInt;
import org.longlora4j.api.model.ConfigKeys;
import org.longlora4j.api.model.DecoderShape;

/** Reads the keys of config.json that the families of a {@link GatedDecoder} share. */
final class GatedKeys {
  private final ConfigKeys config;

  GatedKeys(ConfigKeys config) {
    this.config = config;
  }

  OptionalInt slidingWindow() {
    return config.has("sliding_window")
        ? OptionalInt.of(config.positive("sliding_window"))
        : OptionalInt.empty();
  }

  GatedDecoder decoder(OptionalInt slidingWindow, GatedDecoder.Biases biases) {
    int hidden = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    int keyValueHeads = config.positive("num_key_value_heads", heads);
    int headDim = headDim(hidden, heads);
    // What follows from another key is not reported beside it.
    if (config.has("num_attention_heads") && heads % keyValueHeads != 0) {
      config.refuse("num_key_value_heads", "a divisor of num_attention_heads = " + heads);
    }
    String activation = config.text("hidden_act", "silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      config.refuse("hidden_act", "silu");
    }
    if (config.number("partial_rotary_factor", 1) != 1) {
      config.refuse("partial_rotary_factor", "1 for this family");
    }
    int intermediate = config.positive("intermediate_size");
    DecoderShape shape =
        new DecoderShape(
            config.positive("num_hidden_layers"),
            hidden,
            intermediate,
            heads,
            keyValueHeads,
            headDim,
            headDim,
            config.number("rope_theta", 10000),
            config.positive("vocab_size"),
            config.positive("max_position_embeddings"),
            slidingWindow);
    return new GatedDecoder(
        shape,
        config.number("rms_norm_eps", 1e-6),
        config.flag("tie_word_embeddings", false),
        biases);
  }

  private int headDim(int hidden, int heads) {
    String even = "even: its halves are turned together";
    if (config.has("head_dim")) {
      int headDim = config.positive("head_dim");
      if (headDim % 2 != 0) {
        config.refuse("head_dim", even);
      }
      return headDim;
    }
    int headDim = hidden / heads;
    if (config.has("hidden_size") && config.has("num_attention_heads") && headDim % 2 != 0) {
      config.refuse(
          "num_attention_heads",
          "such that hidden_size / num_attention_heads, a head's size, is " + even);
    }
    return Math.max(1, headDim);
  }
}
