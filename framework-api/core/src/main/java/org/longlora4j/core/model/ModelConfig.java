package org.longlora4j.core.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * A checkpoint's config.json, in its own words.
 *
 * @param file where it was read from, for messages
 * @param family which kind of decoder it describes
 * @param hiddenSize {@code hidden_size}
 * @param intermediateSize {@code intermediate_size}
 * @param layers {@code num_hidden_layers}
 * @param heads {@code num_attention_heads}
 * @param keyValueHeads {@code num_key_value_heads}
 * @param headDim {@code head_dim}
 * @param vocabularySize {@code vocab_size}
 * @param maxPositions {@code max_position_embeddings}
 * @param normEpsilon {@code rms_norm_eps}
 * @param tied {@code tie_word_embeddings}
 * @param slidingWindow {@code sliding_window}, where the checkpoint makes use of it
 * @param biases which projections have a bias
 * @param rotary the rotary embedding, with the scaling that the checkpoint already carries
 * @param json the whole file
 */
public record ModelConfig(
    Path file,
    ModelFamily family,
    int hiddenSize,
    int intermediateSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headDim,
    int vocabularySize,
    int maxPositions,
    double normEpsilon,
    boolean tied,
    OptionalInt slidingWindow,
    Biases biases,
    RotaryEmbedding rotary,
    ObjectNode json) {
  /** Where config.json states the context length of pretraining. */
  static final String ORIGINAL_LENGTH = "original_max_position_embeddings";

  /** Where config.json states the base of pretraining if {@code rope_theta} is another. */
  static final String ORIGINAL_THETA = "original_rope_theta";

  /** The key under which a checkpoint of quantized weights says how they are stored. */
  public static final String QUANTIZATION = "quantization_config";

  /**
   * Which projections have a bias.
   *
   * @param queryKeyValue q_proj, k_proj and v_proj
   * @param output o_proj
   * @param mlp gate_proj, up_proj and down_proj
   */
  public record Biases(boolean queryKeyValue, boolean output, boolean mlp) {}

  /**
   * Reads the config.json of a checkpoint.
   *
   * @param directory the checkpoint
   * @throws InvalidInputException with all that is wrong, each by its key
   */
  public static ModelConfig read(Path directory) {
    return ModelConfigReader.of(directory.resolve("config.json")).read();
  }

  /**
   * Reads the keys of a config.json that stand in another file.
   *
   * @param keys what config.json would hold
   * @param file where they stand, for messages
   * @param section under which key
   * @throws InvalidInputException with all that is wrong, each by its key
   */
  public static ModelConfig of(Map<String, Object> keys, Path file, String section) {
    if (keys.get(QUANTIZATION) != null) {
      throw new InvalidInputException(
          "%s: %s.%s: must not be there: weights that are drawn are floats. Remove it."
              .formatted(file, section, QUANTIZATION));
    }
    return ModelConfigReader.of(keys, file, section).read();
  }

  /**
   * The same model under another scaling, for a new length.
   *
   * <p>The length of pretraining is stated beside the scaling, as Phi-3 does it: transformers reads
   * it there for the kinds that need it, and takes no notice for the others, which would warn of a
   * key that they do not know inside. A base that replaces the one of pretraining leaves that one
   * under {@value #ORIGINAL_THETA}, which is this framework's own.
   *
   * @param scaling what replaces the checkpoint's own
   * @param targetLength the context length that the model was extended to
   */
  public ModelConfig extended(RotaryScaling scaling, int targetLength) {
    int positions =
        scaling.extendsMaxPositions()
            ? Math.max(targetLength, rotary.originalLength())
            : rotary.originalLength();
    double theta = scaling.theta(rotary);
    ObjectNode extendedJson = json.deepCopy();
    extendedJson.put("max_position_embeddings", positions);
    extendedJson.put(ORIGINAL_LENGTH, rotary.originalLength());
    extendedJson.put("rope_theta", theta);
    extendedJson.remove(ORIGINAL_THETA);
    if (theta != rotary.theta()) {
      extendedJson.put(ORIGINAL_THETA, rotary.theta());
    }
    Map<String, Object> parameters = scaling.parameters();
    // transformers 5 reads rope_parameters, 4 reads rope_scaling, and before 4.45 its type was
    // spelled without the prefix.
    ObjectNode current = extendedJson.putObject("rope_parameters");
    ObjectNode older = extendedJson.putObject("rope_scaling");
    parameters.forEach(
        (key, value) -> {
          current.putPOJO(key, value);
          older.putPOJO(key, value);
        });
    current.put("rope_theta", theta);
    older.putPOJO("type", parameters.get("rope_type"));
    return changed(vocabularySize, positions, rotary.withScaling(scaling), extendedJson);
  }

  /**
   * The same model with a vocabulary of at least some size.
   *
   * @param size tokens; a vocabulary that is larger stays
   * @param padding the token that fills rows; the one that is named stays if none is given
   */
  ModelConfig withTokens(int size, OptionalInt padding) {
    ObjectNode resized = json.deepCopy();
    int larger = Math.max(size, vocabularySize);
    resized.put("vocab_size", larger);
    padding.ifPresent(token -> resized.put("pad_token_id", token));
    return changed(larger, maxPositions, rotary, resized);
  }

  private ModelConfig changed(
      int newVocabularySize, int newMaxPositions, RotaryEmbedding newRotary, ObjectNode newJson) {
    return new ModelConfig(
        file,
        family,
        hiddenSize,
        intermediateSize,
        layers,
        heads,
        keyValueHeads,
        headDim,
        newVocabularySize,
        newMaxPositions,
        normEpsilon,
        tied,
        slidingWindow,
        biases,
        newRotary,
        newJson);
  }

  /**
   * Refuses tokens that the embeddings have no row for.
   *
   * @throws InvalidInputException if one is not in the vocabulary
   */
  public void requireInVocabulary(int[] tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabularySize) {
        throw new InvalidInputException(
            "the data holds the token %d, but the vocabulary of %s has %d: it was made with"
                    .formatted(token, file, vocabularySize)
                + " another model's tokenizer.");
      }
    }
  }

  /**
   * Refuses lengths at which the checkpoint's sliding window would hide positions that dense
   * attention shows.
   *
   * @throws InvalidInputException if {@code length} exceeds the window
   */
  public void requireWithinSlidingWindow(int length) {
    if (slidingWindow.isPresent() && length > slidingWindow.getAsInt()) {
      throw new InvalidInputException(
          "%s: sliding_window is %d, but %d tokens are wanted. Sliding windows are not supported:"
                  .formatted(file, slidingWindow.getAsInt(), length)
              + " keep to the window, or remove the key if the model was trained without it.");
    }
  }
}
