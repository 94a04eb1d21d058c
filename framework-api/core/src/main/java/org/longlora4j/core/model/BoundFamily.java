package org.longlora4j.core.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.longlora4j.api.adapter.ModelModule;
import org.longlora4j.api.adapter.ModelModule.Kind;
import org.longlora4j.api.model.Decoder;
import org.longlora4j.api.model.DecoderNames;
import org.longlora4j.api.model.DecoderShape;
import org.longlora4j.api.model.ModelFamily;
import org.longlora4j.core.plugin.LoadedPlugin;
import org.longlora4j.core.plugin.PluginFailedException;

/**
 * A family of models and the plugin that binds it, which answers for what the family says.
 *
 * @param modelType the {@code model_type} of config.json that named it
 * @param family what is bound
 * @param plugin by whom
 */
record BoundFamily(String modelType, ModelFamily family, LoadedPlugin plugin) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * The keys of one of its models.
   *
   * @param json where they are
   * @param where the file and what else stands before a key in messages
   * @param section in which they are of a multimodal config.json; empty for all of it
   */
  JsonKeys keys(ObjectNode json, String where, String section) {
    if (section.isEmpty()) {
      return new JsonKeys(json, where);
    }
    ObjectNode all = JSON.valueToTree(family.defaults());
    all.setAll(json);
    return new JsonKeys(all, where + section + ".");
  }

  /**
   * Describes a decoder.
   *
   * @param keys of its config.json
   * @throws org.longlora4j.api.plugin.InvalidInputException with all that is wrong with the keys
   * @throws PluginFailedException if the family fails, or describes what cannot be
   */
  Decoder decoder(JsonKeys keys) {
    Decoder decoder;
    try {
      decoder = family.read(keys);
    } catch (RuntimeException e) {
      keys.throwProblems(); // which it may not have been prepared for
      throw failed("cannot read %s: %s".formatted(keys.where(), e), e);
    }
    keys.throwProblems();
    List<String> broken = decoder == null ? List.of("it is null") : broken(decoder);
    if (!broken.isEmpty()) {
      throw failed(
          "describes no decoder for %s: %s".formatted(keys.where(), String.join("; ", broken)),
          new IllegalStateException("the decoder breaks its rules"));
    }
    return decoder;
  }

  private PluginFailedException failed(String what, RuntimeException cause) {
    return new PluginFailedException(
        "The model family '%s' of the plugin %s %s"
            .formatted(ModelFamilies.name(modelType), plugin.description(), what),
        cause);
  }

  private static List<String> broken(Decoder decoder) {
    List<String> broken = new ArrayList<>();
    checkShape(decoder.shape(), broken);
    Set<String> names = new HashSet<>();
    for (ModelModule module : decoder.modules()) {
      if (!names.add(module.name())) {
        broken.add("the module " + module.name() + " is there twice");
      }
    }
    DecoderNames parts = decoder.names();
    requireOne(decoder, Kind.EMBEDDING, parts.embeddings(), broken);
    requireOne(decoder, Kind.NORM, parts.finalNorm(), broken);
    if (decoder.modules().stream().anyMatch(module -> module.kind() == Kind.HEAD)) {
      requireOne(decoder, Kind.HEAD, parts.head(), broken);
    }
    for (int i = 0; i < decoder.shape().layers(); i++) {
      String prefix = parts.layer(i);
      if (names.stream().noneMatch(name -> name.startsWith(prefix))) {
        broken.add("no module's name begins with " + prefix);
      }
    }
    return broken;
  }

  private static void checkShape(DecoderShape shape, List<String> broken) {
    if (shape.keyValueHeads() < 1 || shape.heads() % shape.keyValueHeads() != 0) {
      broken.add("keyValueHeads is no divisor of heads in " + shape);
    }
    if (shape.rotaryDim() < 2
        || shape.rotaryDim() > shape.headDim()
        || shape.rotaryDim() % 2 != 0) {
      broken.add("rotaryDim is not even, positive and within headDim in " + shape);
    }
  }

  private static void requireOne(Decoder decoder, Kind kind, String name, List<String> broken) {
    if (decoder.modules().stream().noneMatch(m -> m.name().equals(name) && m.kind() == kind)) {
      broken.add("%s is no module of the kind %s".formatted(name, kind));
    }
  }
}
