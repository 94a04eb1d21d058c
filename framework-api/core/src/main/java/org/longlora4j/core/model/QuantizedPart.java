package org.longlora4j.core.model;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.api.plugin.Problems;
import org.longlora4j.api.quantization.QuantizedFormat;
import org.longlora4j.api.quantization.QuantizedWeight;
import org.longlora4j.api.quantization.StoredWeights;
import org.longlora4j.api.quantization.WeightQuantizer;
import org.longlora4j.api.tensor.TensorSource;

/** Those weights of a checkpoint that are quantized: none, unless its config.json says so. */
final class QuantizedPart {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Optional<StoredWeights> weights;
  private final TensorSource checkpoint;
  private final Map<String, Set<String>> tensors = new LinkedHashMap<>();

  private QuantizedPart(Optional<StoredWeights> weights, TensorSource checkpoint) {
    this.weights = weights;
    this.checkpoint = checkpoint;
  }

  /** Of a checkpoint of which every weight is as it is. */
  static QuantizedPart none(TensorSource checkpoint) {
    return new QuantizedPart(Optional.empty(), checkpoint);
  }

  /**
   * Finds the quantized weights.
   *
   * @param problems takes what is wrong with their tensors
   * @throws InvalidInputException if no format reads them
   */
  static QuantizedPart of(
      ModelConfig config,
      TensorSource checkpoint,
      List<ModelModule> modules,
      QuantizedFormats formats,
      List<String> problems) {
    JsonNode json = config.json().path(ModelConfig.QUANTIZATION);
    if (json.isMissingNode() || json.isNull()) {
      return none(checkpoint);
    }
    StoredWeights weights = read(config, json, formats);
    QuantizedPart part = new QuantizedPart(Optional.of(weights), checkpoint);
    Problems ofTensors = (tensor, message) -> problems.add("tensor " + tensor + " " + message);
    for (ModelModule module : modules) {
      Set<String> names =
          isLinear(module) ? weights.tensors(module, checkpoint, ofTensors) : Set.of();
      if (!names.isEmpty()) {
        part.tensors.put(module.name(), Set.copyOf(names));
      }
    }
    return part;
  }

  /** The quantizer that makes weights as large as a config.json describes them, if it does. */
  static Optional<WeightQuantizer> quantizer(ModelConfig config, QuantizedFormats formats) {
    JsonNode json = config.json().path(ModelConfig.QUANTIZATION);
    if (json.isMissingNode() || json.isNull()) {
      return Optional.empty();
    }
    read(config, json, formats);
    return format(config, json, formats).quantizer(keys(json));
  }

  private static Map<String, Object> keys(JsonNode json) {
    return JSON.convertValue(json, new TypeReference<>() {});
  }

  private static QuantizedFormat format(
      ModelConfig config, JsonNode json, QuantizedFormats formats) {
    String method = json.path("quant_method").asText("unknown");
    return formats
        .find(method.toLowerCase(Locale.ROOT))
        .orElseThrow(
            () ->
                new InvalidInputException(
                    "%s: %s: a checkpoint of quantized weights (%s) cannot be read by any plugin"
                            .formatted(config.file(), ModelConfig.QUANTIZATION, method)
                        + " here; use the float checkpoint that it was made from"));
  }

  /** Embeddings and norms are floats in every checkpoint. */
  private static boolean isLinear(ModelModule module) {
    return module.kind() == Kind.PROJECTION || module.kind() == Kind.HEAD;
  }

  private static StoredWeights read(ModelConfig config, JsonNode json, QuantizedFormats formats) {
    String where = config.file() + ": " + ModelConfig.QUANTIZATION;
    QuantizedFormat format = format(config, json, formats);
    List<String> problems = new ArrayList<>();
    StoredWeights weights =
        format.read(keys(json), (key, message) -> problems.add(where + "." + key + ": " + message));
    if (!problems.isEmpty()) {
      throw new InvalidInputException(String.join("\n", problems));
    }
    return weights;
  }

  /** The tensors of a module's weight; empty if it is not quantized. */
  Set<String> tensors(ModelModule module) {
    return tensors.getOrDefault(module.name(), Set.of());
  }

  /** The name of the quantizer that made them. */
  Optional<String> quantizer() {
    return weights.map(StoredWeights::quantizer);
  }

  /** Reads a module's weight, which is quantized. */
  QuantizedWeight read(ModelModule module, NDManager owner) {
    return weights.orElseThrow().read(module, checkpoint, owner);
  }
}
