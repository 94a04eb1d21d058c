package org.longlora4j.core.gguf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.LongRopeScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryFrequencies;
import org.longlora4j.api.position.UnscaledRotary;
import org.longlora4j.api.position.YarnScaling;

/**
 * Tells a rotary embedding in llama.cpp's words.
 *
 * <p>It knows {@code linear} and {@code yarn} by name. Beside these, Llama's architecture takes a
 * divisor for every frequency as a tensor, as it does for Llama 3, so that whatever does not depend
 * on the length can be told; and two such tensors for LongRoPE, of which it takes the one that fits
 * the context it is started with.
 */
final class GgufRotary {
  private final GgufArchitecture architecture;
  private final RotaryEmbedding embedding;
  private final String prefix;

  /** Prepares to tell an embedding. */
  GgufRotary(GgufArchitecture architecture, RotaryEmbedding embedding) {
    this.architecture = architecture;
    this.embedding = embedding;
    prefix = architecture.key() + ".rope.";
  }

  /**
   * Tells it.
   *
   * @param metadata takes the keys
   * @param problems takes what cannot be told
   * @return the tensors that belong to it, float32 by name
   */
  Map<String, float[]> describe(GgufMetadata metadata, Problems problems) {
    metadata.count(prefix + "dimension_count", embedding.rotaryDim());
    metadata.real(prefix + "freq_base", embedding.theta());
    if (embedding.scaling() instanceof UnscaledRotary) {
      return Map.of();
    }
    if (embedding.scaling() instanceof LinearScaling linear) {
      scaling(metadata, "linear");
      metadata.real(prefix + "scaling.factor", linear.factor());
      return Map.of();
    }
    if (embedding.scaling() instanceof YarnScaling yarn && isLlamaCpps(yarn)) {
      describe(yarn, metadata);
      return Map.of();
    }
    if (!architecture.takesFrequencies()) {
      refuse(
          problems,
          "llama.cpp knows linear scaling and YaRN with its defaults for " + architecture.key());
      return Map.of();
    }
    if (embedding.scaling() instanceof LongRopeScaling longRope) {
      return describe(longRope, metadata);
    }
    if (embedding.scaling().dependsOnLength()) {
      refuse(problems, "llama.cpp knows no scaling that changes with the length of the text");
      return Map.of();
    }
    return describeFixed(metadata);
  }

  private void scaling(GgufMetadata metadata, String type) {
    metadata.text(prefix + "scaling.type", type);
    metadata.count(prefix + "scaling.original_context_length", original());
    metadata.flag(prefix + "scaling.finetuned", true);
  }

  private int original() {
    return embedding.scaling() instanceof YarnScaling yarn
        ? yarn.originalLength().orElse(embedding.originalLength())
        : embedding.originalLength();
  }

  /** Its ramp is fixed but by arguments at its start, and ends at whole dimensions. */
  private static boolean isLlamaCpps(YarnScaling yarn) {
    return yarn.betaFast() == 32 && yarn.betaSlow() == 1 && yarn.truncate();
  }

  private void describe(YarnScaling yarn, GgufMetadata metadata) {
    scaling(metadata, "yarn");
    metadata.real(prefix + "scaling.factor", yarn.factor());
    // llama.cpp multiplies the paper's temperature by this.
    double temperature = 0.1 * Math.log(yarn.factor()) + 1;
    yarn.attentionFactor()
        .ifPresent(factor -> metadata.real(prefix + "scaling.attn_factor", factor / temperature));
  }

  private Map<String, float[]> describe(LongRopeScaling longRope, GgufMetadata metadata) {
    int original = longRope.originalLength().orElse(embedding.originalLength());
    metadata.text(prefix + "scaling.type", "longrope");
    metadata.count(prefix + "scaling.original_context_length", original);
    metadata.real(
        prefix + "scaling.attn_factor", embedding.frequencies(original).attentionScaling());
    Map<String, float[]> tensors = new LinkedHashMap<>();
    tensors.put("rope_factors_long.weight", floats(longRope.longFactor()));
    tensors.put("rope_factors_short.weight", floats(longRope.shortFactor()));
    return tensors;
  }

  private static float[] floats(List<Double> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i).floatValue();
    }
    return floats;
  }

  private Map<String, float[]> describeFixed(GgufMetadata metadata) {
    RotaryFrequencies scaled = embedding.frequencies(embedding.originalLength());
    float[] unscaled =
        RotaryFrequencies.unscaled(embedding.rotaryDim(), embedding.theta()).inverse();
    float[] divisors = new float[unscaled.length];
    for (int i = 0; i < divisors.length; i++) {
      divisors[i] = unscaled[i] / scaled.inverse()[i];
    }
    if (scaled.attentionScaling() != 1) {
      metadata.real(prefix + "scaling.attn_factor", scaled.attentionScaling());
    }
    return Map.of("rope_freqs.weight", divisors);
  }

  private void refuse(Problems problems, String reason) {
    problems.report(
        "rope_parameters",
        "rope_type %s with its options: %s. Export safetensors, or extend the model by a scaling that llama.cpp knows."
            .formatted(embedding.scaling().parameters().get("rope_type"), reason));
  }
}
