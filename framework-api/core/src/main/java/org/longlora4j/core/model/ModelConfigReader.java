package org.longlora4j.core.model;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.DynamicNtkScaling;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.LongRopeScaling;
import org.longlora4j.api.position.NtkAwareScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.api.position.RotaryScalings;
import org.longlora4j.api.position.UnscaledRotary;

/** Reads config.json in both its old and its new spelling, and collects what is wrong with it. */
final class ModelConfigReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String where;
  private final ObjectNode json;
  private final List<String> problems = new ArrayList<>();

  private ModelConfigReader(Path file, String where, ObjectNode json) {
    this.file = file;
    this.where = where;
    this.json = json;
  }

  static ModelConfigReader of(Path file) {
    return new ModelConfigReader(file, file + ": ", parse(file));
  }

  static ModelConfigReader of(Map<String, Object> keys, Path file, String section) {
    return new ModelConfigReader(file, file + ": " + section + ".", JSON.valueToTree(keys));
  }

  private static ObjectNode parse(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          file
              + " does not exist. A model is a Hugging Face checkpoint directory: config.json and"
              + " model.safetensors.");
    }
    return JsonFile.read(file);
  }

  ModelConfig read() {
    ModelFamily family = family();
    int hidden = positive("hidden_size");
    int heads = positive("num_attention_heads");
    // What follows from another key is not reported beside it.
    int keyValueHeads = positiveOr("num_key_value_heads", Math.max(1, heads));
    int headDim = positiveOr("head_dim", Math.max(1, hidden / Math.max(1, heads)));
    int maxPositions = positive("max_position_embeddings");
    if (headDim % 2 != 0 && hidden > 0 && heads > 0) {
      problem("head_dim", headDim, "even: its halves are turned together");
    }
    if (keyValueHeads > 0 && heads % keyValueHeads != 0) {
      problem("num_key_value_heads", keyValueHeads, "a divisor of num_attention_heads = " + heads);
    }
    String activation = json.path("hidden_act").asText("silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      problem("hidden_act", activation, "silu");
    }
    if (json.path("partial_rotary_factor").asDouble(1) != 1) {
      problem("partial_rotary_factor", json.get("partial_rotary_factor"), "1 for this family");
    }
    int intermediate = positive("intermediate_size");
    int layers = positive("num_hidden_layers");
    int vocabulary = positive("vocab_size");
    throwProblems();
    return new ModelConfig(
        file,
        family,
        hidden,
        intermediate,
        layers,
        heads,
        keyValueHeads,
        headDim,
        vocabulary,
        maxPositions,
        json.path("rms_norm_eps").asDouble(1e-6),
        json.path("tie_word_embeddings").asBoolean(false),
        slidingWindow(family),
        biases(family),
        rotary(headDim, maxPositions),
        json);
  }

  private ModelFamily family() {
    String type = json.path("model_type").asText("");
    String architecture = json.path("architectures").path(0).asText("");
    for (ModelFamily family : ModelFamily.values()) {
      if (family.modelType().equals(type)
          && (architecture.isEmpty() || family.architecture().equals(architecture))) {
        return family;
      }
    }
    throw new InvalidInputException(
        "%sarchitectures: %s (model_type '%s') is not supported; model_type %s with its"
                .formatted(
                    where,
                    architecture.isEmpty() ? "unknown" : architecture,
                    type,
                    String.join(", ", ModelFamily.modelTypes()))
            + " …ForCausalLM is.");
  }

  private OptionalInt slidingWindow(ModelFamily family) {
    boolean used =
        switch (family) {
          case LLAMA -> false;
          case MISTRAL -> true;
          case QWEN2 -> json.path("use_sliding_window").asBoolean(false);
        };
    return used && json.hasNonNull("sliding_window")
        ? OptionalInt.of(json.get("sliding_window").asInt())
        : OptionalInt.empty();
  }

  private ModelConfig.Biases biases(ModelFamily family) {
    boolean attention = json.path("attention_bias").asBoolean(false);
    return switch (family) {
      case LLAMA ->
          new ModelConfig.Biases(attention, attention, json.path("mlp_bias").asBoolean(false));
      case MISTRAL -> new ModelConfig.Biases(false, false, false);
      case QWEN2 -> new ModelConfig.Biases(true, false, false);
    };
  }

  private RotaryEmbedding rotary(int headDim, int maxPositions) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    String key = json.hasNonNull("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (json.hasNonNull(key)) {
      if (!json.get(key).isObject()) {
        throw new InvalidInputException(
            "%s: %s: is %s, must be an object".formatted(file, key, json.get(key)));
      }
      parameters.putAll(JSON.convertValue(json.get(key), new TypeReference<>() {}));
    }
    double theta =
        parameters.get("rope_theta") instanceof Number inside
            ? inside.doubleValue()
            : json.path("rope_theta").asDouble(10000);
    try {
      deriveFactor(parameters, maxPositions);
      RotaryScaling scaling = RotaryScalings.fromConfig(parameters);
      int original = originalLength(parameters, scaling, maxPositions);
      JsonNode originalTheta = json.path(ModelConfig.ORIGINAL_THETA);
      return scaling instanceof UnscaledRotary && originalTheta.isNumber()
          ? new RotaryEmbedding(
              headDim, originalTheta.asDouble(), original, new NtkAwareScaling(theta))
          : new RotaryEmbedding(headDim, theta, original, scaling);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException("%s%s: %s".formatted(where, key, e.getMessage()), e);
    }
  }

  /** LongRoPE may leave its factor to follow from the two lengths, as transformers lets it. */
  private void deriveFactor(Map<String, Object> parameters, int maxPositions) {
    Object type = parameters.getOrDefault("rope_type", parameters.get("type"));
    OptionalInt original = statedOriginalLength(parameters);
    if ((LongRopeScaling.TYPE.equals(type) || "su".equals(type))
        && parameters.get("factor") == null
        && original.isPresent()
        && maxPositions > original.getAsInt()) {
      parameters.put("factor", (double) maxPositions / original.getAsInt());
    }
  }

  private OptionalInt statedOriginalLength(Map<String, Object> parameters) {
    if (parameters.get(ModelConfig.ORIGINAL_LENGTH) instanceof Number original) {
      return OptionalInt.of(original.intValue());
    }
    JsonNode outside = json.path(ModelConfig.ORIGINAL_LENGTH);
    return outside.isInt() ? OptionalInt.of(outside.asInt()) : OptionalInt.empty();
  }

  /** The context length of pretraining, which a scaled checkpoint tells in one of several ways. */
  private int originalLength(
      Map<String, Object> parameters, RotaryScaling scaling, int maxPositions) {
    OptionalInt stated = statedOriginalLength(parameters);
    if (stated.isPresent()) {
      return stated.getAsInt();
    }
    if (scaling instanceof UnscaledRotary || scaling instanceof DynamicNtkScaling) {
      return maxPositions;
    }
    double factor =
        scaling instanceof LinearScaling linear
            ? linear.factor()
            : ((Number) parameters.getOrDefault("factor", 1)).doubleValue();
    return Math.max(1, (int) Math.round(maxPositions / factor));
  }

  private int positive(String key) {
    return positiveOr(key, 0);
  }

  private int positiveOr(String key, int otherwise) {
    JsonNode node = json.path(key);
    if (node.isMissingNode() || node.isNull()) {
      if (otherwise < 1) {
        problems.add(key + ": missing, must be a positive whole number");
      }
      return otherwise;
    }
    if (!node.canConvertToInt() || node.asInt() < 1) {
      problem(key, node, "a positive whole number");
    }
    return node.asInt();
  }

  private void problem(String key, Object found, String expected) {
    problems.add("%s: is %s, must be %s".formatted(key, found, expected));
  }

  private void throwProblems() {
    if (!problems.isEmpty()) {
      throw new InvalidInputException(
          String.join("\n", problems.stream().map(where::concat).toList()));
    }
  }
}
