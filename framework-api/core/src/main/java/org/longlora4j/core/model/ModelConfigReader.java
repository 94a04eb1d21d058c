package org.longlora4j.core.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.plugin.InvalidInputException;

/**
 * Reads config.json, that of a language model or of a multimodal one with a language model in it.
 */
final class ModelConfigReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final String where;
  private final ObjectNode json;
  private final ModelFamilies families;

  private ModelConfigReader(Path file, String where, ObjectNode json, ModelFamilies families) {
    this.file = file;
    this.where = where;
    this.json = json;
    this.families = families;
  }

  static ModelConfigReader of(Path file, ModelFamilies families) {
    return new ModelConfigReader(file, file + ": ", parse(file), families);
  }

  static ModelConfigReader of(
      Map<String, Object> keys, Path file, String section, ModelFamilies families) {
    return new ModelConfigReader(
        file, file + ": " + section + ".", JSON.valueToTree(keys), families);
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
    Optional<BoundFamily> alone = families.find(modelType(json));
    boolean multimodal = alone.isEmpty() && json.path(ModelConfig.TEXT).isObject();
    if (!multimodal) {
      return read(alone.orElseThrow(() -> unknown("", json)), "", json, ModuleNaming.ALONE);
    }
    ObjectNode text = (ObjectNode) json.get(ModelConfig.TEXT);
    BoundFamily within =
        families.find(modelType(text)).orElseThrow(() -> unknown(ModelConfig.TEXT + ".", text));
    ModelConfig read = read(within, ModelConfig.TEXT, text, ModuleNaming.ALONE);
    return read.named(ModuleNaming.multimodal(read.decoder().names()).get(0));
  }

  private static String modelType(ObjectNode keys) {
    return keys.path("model_type").asText("");
  }

  private ModelConfig read(
      BoundFamily family, String section, ObjectNode keys, ModuleNaming naming) {
    String prefix = section.isEmpty() ? where : where + section + ".";
    requireArchitecture(family, prefix, keys);
    Decoder decoder = family.decoder(family.keys(keys, where, section));
    return new ModelConfig(
        file,
        section,
        family,
        NamedDecoder.of(decoder, naming),
        new RotaryReader(keys, prefix).read(decoder.shape()),
        json);
  }

  private void requireArchitecture(BoundFamily family, String prefix, ObjectNode keys) {
    String architecture = keys.path("architectures").path(0).asText("");
    String expected = family.family().architecture();
    if (!architecture.isEmpty() && !architecture.equals(expected)) {
      throw new InvalidInputException(
          "%sarchitectures: is %s, must be %s for model_type %s."
              .formatted(prefix, architecture, expected, family.modelType()));
    }
  }

  private InvalidInputException unknown(String section, ObjectNode keys) {
    String type = modelType(keys);
    String found = type.isEmpty() ? "missing" : "is '" + type + "'";
    return new InvalidInputException(
        "%s%smodel_type: %s, must be of a family that is known here: %s, where hyphens stand for underscores too. A plugin adds one by binding a ModelFamily under its name."
            .formatted(where, section, found, String.join(", ", families.names())));
  }
}
