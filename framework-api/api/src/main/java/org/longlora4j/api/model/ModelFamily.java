package org.longlora4j.api.model;

import java.util.Map;
import org.longlora4j.api.plugin.ExtensionPoint;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A kind of decoder, such as Llama's: which of its modules a checkpoint holds, and what its layers
 * compute.
 *
 * <p>A checkpoint chooses its family, not a recipe: a family is bound, without options, under the
 * {@code model_type} of the config.json that it reads, with hyphens for underscores ({@code
 * gpt-neox} for {@code gpt_neox}). Its constructor asks for nothing. Every family has rotary
 * position embeddings, since those are what context extension changes.
 */
@ExtensionPoint("model family")
@ConsumerType
public interface ModelFamily {
  /** The entry of {@code architectures} in config.json, for example {@code LlamaForCausalLM}. */
  String architecture();

  /**
   * Describes the decoder of a config.json. Loads nothing.
   *
   * @param config its keys; what is wrong with them is reported there, and reading goes on
   * @return the decoder; what it says is not looked at if a problem was reported
   */
  Decoder read(ConfigKeys config);

  /**
   * The values that transformers takes for keys which are not there. It leaves them out where the
   * keys of a language model stand within those of a multimodal one; only there are these used.
   */
  default Map<String, Object> defaults() {
    return Map.of();
  }

  /**
   * What config.json says of the rotary embedding beside {@code rope_theta}, {@code
   * rope_parameters} and {@code rope_scaling}, for readers that look elsewhere: nothing unless
   * overridden.
   *
   * @param theta the base of the frequencies
   * @param share which part of a head is rotated, from 0 to 1
   */
  default Map<String, Object> rotaryKeys(double theta, double share) {
    return Map.of();
  }
}
