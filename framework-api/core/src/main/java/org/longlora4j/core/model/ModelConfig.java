package org.longlora4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.adapter.AdapterPlan;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;

/**
 * A checkpoint's config.json, in its own words.
 *
 * @param file where it was read from, for messages
 * @param section the key under which a multimodal model's language model is described; empty where
 *     the file describes a language model alone
 * @param family which kind of decoder it describes
 * @param named that decoder, and what the checkpoint calls its modules
 * @param rotary the rotary embedding, with the scaling that the checkpoint already carries
 * @param json the whole file
 */
public record ModelConfig(
    Path file,
    String section,
    BoundFamily family,
    NamedDecoder named,
    RotaryEmbedding rotary,
    ObjectNode json) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where the config.json of a multimodal model describes its language model. */
  static final String TEXT = "text_config";

  /** Where config.json states the context length of pretraining. */
  static final String ORIGINAL_LENGTH = "original_max_position_embeddings";

  /** Where config.json states the base of pretraining if {@code rope_theta} is another. */
  static final String ORIGINAL_THETA = "original_rope_theta";

  /** The key under which a checkpoint of quantized weights says how they are stored. */
  public static final String QUANTIZATION = "quantization_config";

  /**
   * Reads the config.json of a checkpoint of a family that the framework knows by itself.
   *
   * @param directory the checkpoint
   * @throws InvalidInputException with all that is wrong, each by its key
   */
  public static ModelConfig read(Path directory) {
    return read(directory, ModelFamilies.builtIn());
  }

  /**
   * Reads the config.json of a checkpoint.
   *
   * @param directory the checkpoint
   * @param families that it may be of
   * @throws InvalidInputException with all that is wrong, each by its key
   */
  public static ModelConfig read(Path directory, ModelFamilies families) {
    return ModelConfigReader.of(directory.resolve("config.json"), families).read();
  }

  /**
   * Reads the keys of a config.json that stand in another file, of a family that the framework
   * knows by itself.
   *
   * @param keys what config.json would hold
   * @param file where they stand, for messages
   * @param section under which key
   * @throws InvalidInputException with all that is wrong, each by its key
   */
  public static ModelConfig of(Map<String, Object> keys, Path file, String section) {
    return of(keys, file, section, ModelFamilies.builtIn());
  }

  /**
   * Reads the keys of a config.json that stand in another file.
   *
   * @param keys what config.json would hold
   * @param file where they stand, for messages
   * @param section under which key
   * @param families that the model may be of
   * @throws InvalidInputException with all that is wrong, each by its key
   */
  public static ModelConfig of(
      Map<String, Object> keys, Path file, String section, ModelFamilies families) {
    if (keys.get(QUANTIZATION) != null) {
      throw new InvalidInputException(
          "%s: %s.%s: must not be there: weights that are drawn are floats. Remove it."
              .formatted(file, section, QUANTIZATION));
    }
    return ModelConfigReader.of(keys, file, section, families).read();
  }

  /** The {@code model_type} of the language model. */
  public String modelType() {
    return family.modelType();
  }

  /** Computes the model's layers from its weights, by the names that its family gives them. */
  public Decoder decoder() {
    return named.decoder();
  }

  /** The modules by their names in the checkpoint, in the order in which they act. */
  public List<ModelModule> modules() {
    return named.modules();
  }

  /** What the checkpoint calls its parts. */
  public DecoderNames names() {
    return named.names();
  }

  private DecoderShape shape() {
    return decoder().shape();
  }

  /** The width between layers. */
  public int hiddenSize() {
    return shape().hiddenSize();
  }

  /** The width within an MLP. */
  public int intermediateSize() {
    return shape().intermediateSize();
  }

  /** How many layers there are. */
  public int layers() {
    return shape().layers();
  }

  /** Query heads. */
  public int heads() {
    return shape().heads();
  }

  /** Key and value heads. */
  public int keyValueHeads() {
    return shape().keyValueHeads();
  }

  /** The size of one head. */
  public int headDim() {
    return shape().headDim();
  }

  /** How many tokens there are. */
  public int vocabularySize() {
    return shape().vocabularySize();
  }

  /** The context length in tokens. */
  public int maxPositions() {
    return shape().maxPositions();
  }

  /** How many positions back attention reaches, if the checkpoint limits it. */
  public OptionalInt slidingWindow() {
    return shape().slidingWindow();
  }

  /** Whether the embeddings are the output head. */
  public boolean tied() {
    return named.tied();
  }

  /**
   * The module whose weight the output head multiplies by when a plan is carried out: the
   * embeddings if they are tied, unless an adapter trains apart from them.
   */
  public String headModule(AdapterPlan plan) {
    return tied() && plan.config().isEmpty() ? names().embeddings() : names().head();
  }

  /** Whether the language model is a part of this model. */
  public boolean multimodal() {
    return !section.isEmpty();
  }

  /** The keys of the language model: the file, or an object in it. */
  public ObjectNode language() {
    return language(json);
  }

  private ObjectNode language(ObjectNode whole) {
    return multimodal() ? (ObjectNode) whole.get(section) : whole;
  }

  /** A copy of the file by which the head is no longer the embeddings. */
  public ObjectNode jsonWithOwnHead() {
    ObjectNode copy = json.deepCopy();
    language(copy).put("tie_word_embeddings", false);
    return copy;
  }

  /** The same model in a checkpoint that gives its modules other names. */
  ModelConfig named(ModuleNaming naming) {
    return new ModelConfig(file, section, family, NamedDecoder.of(decoder(), naming), rotary, json);
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
    ObjectNode extendedJson = json.deepCopy();
    ObjectNode keys = language(extendedJson);
    keys.put("max_position_embeddings", positions);
    keys.put(ORIGINAL_LENGTH, rotary.originalLength());
    putRotary(keys, scaling);
    return changed(rotary.withScaling(scaling), extendedJson);
  }

  private void putRotary(ObjectNode keys, RotaryScaling scaling) {
    double theta = scaling.theta(rotary);
    double share = (double) rotary.rotaryDim() / headDim();
    keys.put("rope_theta", theta);
    keys.remove(ORIGINAL_THETA);
    if (theta != rotary.theta()) {
      keys.put(ORIGINAL_THETA, rotary.theta());
    }
    family.family().rotaryKeys(theta, share).forEach((key, value) -> put(keys, key, value));
    Map<String, Object> parameters = scaling.parameters();
    // transformers 5 reads rope_parameters, 4 reads rope_scaling, and before 4.45 its type was
    // spelled without the prefix.
    ObjectNode current = keys.putObject("rope_parameters");
    ObjectNode older = keys.putObject("rope_scaling");
    parameters.forEach(
        (key, value) -> {
          put(current, key, value);
          put(older, key, value);
        });
    current.put("rope_theta", theta);
    if (share < 1) {
      current.put("partial_rotary_factor", share);
    }
    put(older, "type", parameters.get("rope_type"));
  }

  private static void put(ObjectNode keys, String key, Object value) {
    keys.set(key, JSON.<JsonNode>valueToTree(value));
  }

  /**
   * The same model with a vocabulary of at least some size.
   *
   * @param size tokens; a vocabulary that is larger stays
   * @param padding the token that fills rows; the one that is named stays if none is given
   */
  ModelConfig withTokens(int size, OptionalInt padding) {
    ObjectNode resized = json.deepCopy();
    ObjectNode keys = language(resized);
    keys.put("vocab_size", Math.max(size, vocabularySize()));
    padding.ifPresent(token -> keys.put("pad_token_id", token));
    return changed(rotary, resized);
  }

  private ModelConfig changed(RotaryEmbedding newRotary, ObjectNode newJson) {
    JsonKeys keys = family.keys(language(newJson), file + ": ", section);
    NamedDecoder decoder = NamedDecoder.of(family.decoder(keys), named.naming());
    return new ModelConfig(file, section, family, decoder, newRotary, newJson);
  }

  /**
   * Refuses tokens that the embeddings have no row for.
   *
   * @throws InvalidInputException if one is not in the vocabulary
   */
  public void requireInVocabulary(int[] tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= vocabularySize()) {
        throw new InvalidInputException(
            "the data holds the token %d, but the vocabulary of %s has %d: it was made with"
                    .formatted(token, file, vocabularySize())
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
    if (slidingWindow().isPresent() && length > slidingWindow().getAsInt()) {
      throw new InvalidInputException(
          "%s: sliding_window is %d, but %d tokens are wanted. Sliding windows are not supported:"
                  .formatted(file, slidingWindow().getAsInt(), length)
              + " keep to the window, or remove the key if the model was trained without it.");
    }
  }
}
