package org.longlora4j.core.model;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.position.DynamicNtkScaling;
import org.longlora4j.api.position.LinearScaling;
import org.longlora4j.api.position.LongRopeScaling;
import org.longlora4j.api.position.NtkAwareScaling;
import org.longlora4j.api.position.RotaryEmbedding;
import org.longlora4j.api.position.RotaryScaling;
import org.longlora4j.api.position.RotaryScalings;
import org.longlora4j.api.position.UnscaledRotary;

/** Reads the rotary embedding from config.json's keys, in their old and their new spelling. */
final class RotaryReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode json;
  private final String where;

  /**
   * Reads keys.
   *
   * @param where what stands before a key in messages
   */
  RotaryReader(ObjectNode json, String where) {
    this.json = json;
    this.where = where;
  }

  /**
   * Reads the embedding.
   *
   * @param shape of the decoder
   * @throws InvalidInputException if its scaling cannot be read
   */
  RotaryEmbedding read(DecoderShape shape) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    String key = json.hasNonNull("rope_parameters") ? "rope_parameters" : "rope_scaling";
    if (json.hasNonNull(key)) {
      if (!json.get(key).isObject()) {
        throw new InvalidInputException(
            "%s%s: is %s, must be an object".formatted(where, key, json.get(key)));
      }
      parameters.putAll(JSON.convertValue(json.get(key), new TypeReference<>() {}));
    }
    double theta =
        parameters.get("rope_theta") instanceof Number inside
            ? inside.doubleValue()
            : shape.ropeTheta();
    try {
      deriveFactor(parameters, shape.maxPositions());
      RotaryScaling scaling = RotaryScalings.fromConfig(parameters);
      int original = originalLength(parameters, scaling, shape.maxPositions());
      JsonNode originalTheta = json.path(ModelConfig.ORIGINAL_THETA);
      return scaling instanceof UnscaledRotary && originalTheta.isNumber()
          ? new RotaryEmbedding(
              shape.rotaryDim(), originalTheta.asDouble(), original, new NtkAwareScaling(theta))
          : new RotaryEmbedding(shape.rotaryDim(), theta, original, scaling);
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
}
