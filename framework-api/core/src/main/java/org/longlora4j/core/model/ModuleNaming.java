package org.longlora4j.core.model;

import java.util.List;
import org.longlora4j.api.model.DecoderNames;

/**
 * What a checkpoint calls modules that have another name in the checkpoint of their model alone.
 *
 * @param own what names begin with there
 * @param stored what the same names begin with here
 */
record ModuleNaming(String own, String stored) {
  private static final String LANGUAGE_MODEL = "language_model.";

  /** A checkpoint of the model alone. */
  static final ModuleNaming ALONE = new ModuleNaming("", "");

  /**
   * What a multimodal checkpoint may call the modules of its language model: {@code
   * language_model.model.layers}, or, as it may since transformers 4.52, {@code
   * model.language_model.layers} with the head outside.
   *
   * @param names the parts of the language model in a checkpoint of its own
   */
  static List<ModuleNaming> multimodal(DecoderNames names) {
    String body = names.layers().substring(0, names.layers().indexOf('.') + 1);
    return List.of(
        new ModuleNaming("", LANGUAGE_MODEL), new ModuleNaming(body, "model." + LANGUAGE_MODEL));
  }

  /** The name in the checkpoint. */
  String stored(String name) {
    return name.startsWith(own) ? stored + name.substring(own.length()) : name;
  }

  /** The name in a checkpoint of the model alone. */
  String alone(String name) {
    return name.startsWith(stored) ? own + name.substring(stored.length()) : name;
  }
}
