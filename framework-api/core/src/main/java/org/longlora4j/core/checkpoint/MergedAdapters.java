package org.longlora4j.core.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.longlora4j.api.plugin.InvalidInputException;
import org.longlora4j.core.model.ModelConfig;

/**
 * The adapters that a checkpoint has in its weights already, by {@link PeftAdapter#digest}.
 *
 * <p>They stand in config.json under a key of this framework's own. An adapter that is added to a
 * model that has it would count twice, and nothing else would tell.
 *
 * @param file the config.json, for messages
 * @param digests the adapters
 */
record MergedAdapters(Path file, List<String> digests) {
  private static final String KEY = "merged_adapters";

  /** Those of a checkpoint. */
  static MergedAdapters of(ModelConfig config) {
    List<String> digests = new ArrayList<>();
    config.json().path(KEY).forEach(digest -> digests.add(digest.asText()));
    return new MergedAdapters(config.file(), List.copyOf(digests));
  }

  /**
   * Refuses an adapter that is among them.
   *
   * @throws InvalidInputException if it is
   */
  void refuse(PeftAdapter adapter) {
    if (!digests.isEmpty() && digests.contains(adapter.digest())) {
      throw new InvalidInputException(
          "%s: %s: the adapter in %s is merged into this model already and would count twice. Use"
                  .formatted(file, KEY, adapter.directory())
              + " the model without it, or the base that it was trained on.");
    }
  }

  /** Writes these and one more into a config.json. */
  void writeWith(PeftAdapter adapter, ObjectNode config) {
    ArrayNode all = config.putArray(KEY);
    digests.forEach(all::add);
    all.add(adapter.digest());
  }
}
