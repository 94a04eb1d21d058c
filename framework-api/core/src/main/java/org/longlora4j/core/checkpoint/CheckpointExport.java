package org.longlora4j.core.checkpoint;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.longlora4j.api.tensor.ElementType;
import org.longlora4j.api.tensor.KernelCompiler;
import org.longlora4j.api.tensor.TensorEntry;
import org.longlora4j.api.tensor.TensorFile;
import org.longlora4j.core.model.Checkpoint;
import org.longlora4j.core.model.JsonFile;
import org.longlora4j.core.model.ModelModules;
import org.longlora4j.core.tensor.SafetensorsWriter;
import org.longlora4j.core.tensor.TensorWriter;
import org.longlora4j.core.tensor.TorchEngine;

/**
 * Writes a checkpoint that differs from another in some of its tensors and in its config.json.
 *
 * <p>Tensors go through one by one, in the number format and the files that the base has them in;
 * those that do not change are copied as bytes. A single file is named as one without an index must
 * be, whatever the base calls it.
 */
final class CheckpointExport {
  private static final int COPY_BYTES = 1 << 24;
  private static final String HEAD = ModelModules.HEAD + ".weight";
  private static final String EMBEDDINGS = ModelModules.EMBEDDINGS + ".weight";

  /** Beside the weights: the tokenizer in all its forms, and how to generate. */
  private static final List<String> COPIED =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "tokenizer.model",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "chat_template.json",
          "generation_config.json");

  private final Checkpoint base;
  private final TorchEngine engine;
  private final TensorWriter writer;

  CheckpointExport(Checkpoint base, TorchEngine engine, KernelCompiler compiler) {
    this.base = base;
    this.engine = engine;
    this.writer = new TensorWriter(compiler);
  }

  /** What becomes of a tensor. */
  @FunctionalInterface
  interface Replacement {
    /**
     * Gives the new values of a tensor.
     *
     * @param name the tensor in the checkpoint
     * @param scope for the result and what is needed on the way
     * @return float32; empty for a tensor that stays as it is
     */
    Optional<NDArray> of(String name, NDManager scope);
  }

  /**
   * Writes the checkpoint.
   *
   * @param output an empty directory
   * @param config the new config.json
   * @param replacement what becomes of each tensor
   * @param untied whether the head of a tied base gets a tensor of its own: the base's embeddings
   * @throws IOException if the disk does not take it
   */
  void write(Path output, ObjectNode config, Replacement replacement, boolean untied)
      throws IOException {
    Map<Path, Map<String, TensorEntry>> files = new LinkedHashMap<>();
    for (String name : base.tensorNames()) {
      TensorFile file = base.file(name);
      Map<String, TensorEntry> entries =
          files.computeIfAbsent(file.path(), path -> new LinkedHashMap<>());
      if (isKept(name)) {
        entries.put(name, file.entries().get(name));
      }
      if (untied && name.equals(EMBEDDINGS)) {
        entries.put(HEAD, file.entries().get(EMBEDDINGS));
      }
    }
    files.values().removeIf(Map::isEmpty);
    if (files.size() == 1) {
      Map<String, TensorEntry> all = files.values().iterator().next();
      writeFile(output.resolve(Checkpoint.SINGLE), all, replacement);
    } else {
      for (Map.Entry<Path, Map<String, TensorEntry>> file : files.entrySet()) {
        writeFile(output.resolve(file.getKey().getFileName()), file.getValue(), replacement);
      }
      writeIndex(output, files);
    }
    JsonFile.write(output.resolve("config.json"), config);
    if (base.directory().isPresent()) {
      copyBeside(base.directory().get(), output);
    }
  }

  private static void copyBeside(Path source, Path output) throws IOException {
    for (String name : COPIED) {
      if (Files.isRegularFile(source.resolve(name))) {
        Files.copy(source.resolve(name), output.resolve(name), REPLACE_EXISTING);
      }
    }
  }

  private boolean isKept(String name) {
    return base.modules().stream()
        .anyMatch(
            module ->
                name.equals(module.name() + ".weight")
                    || (module.bias() && name.equals(module.name() + ".bias")));
  }

  private void writeFile(Path path, Map<String, TensorEntry> entries, Replacement replacement)
      throws IOException {
    try (SafetensorsWriter file = new SafetensorsWriter(path, Map.of("format", "pt"), entries)) {
      for (Map.Entry<String, TensorEntry> entry : entries.entrySet()) {
        file.begin(entry.getKey());
        writeTensor(file, entry.getKey(), entry.getValue().type(), replacement);
      }
      file.commit();
    }
  }

  private void writeTensor(
      SafetensorsWriter file, String name, ElementType type, Replacement replacement)
      throws IOException {
    try (NDManager scope = engine.newManager()) {
      Optional<NDArray> changed = replacement.of(name, scope);
      if (changed.isPresent()) {
        writer.write(changed.get(), type, file);
      } else {
        copy(file, source(name));
      }
    }
  }

  /** The tensor that a copy is made of: a tied head's own, if there is one, is a leftover. */
  private String source(String name) {
    return base.config().tied() && name.equals(HEAD) ? EMBEDDINGS : name;
  }

  private void copy(SafetensorsWriter file, String name) throws IOException {
    TensorFile source = base.file(name);
    long size = source.entries().get(name).bytes();
    for (long start = 0; start < size; start += COPY_BYTES) {
      ByteBuffer bytes = source.bytes(name, start, (int) Math.min(COPY_BYTES, size - start));
      file.write(bytes);
    }
  }

  private static void writeIndex(Path output, Map<Path, Map<String, TensorEntry>> files)
      throws IOException {
    ObjectNode index = JsonNodeFactory.instance.objectNode();
    long size =
        files.values().stream()
            .flatMap(entries -> entries.values().stream())
            .mapToLong(TensorEntry::bytes)
            .sum();
    index.putObject("metadata").put("total_size", size);
    ObjectNode map = index.putObject("weight_map");
    files.forEach(
        (path, entries) ->
            entries.keySet().forEach(name -> map.put(name, path.getFileName().toString())));
    JsonFile.write(output.resolve(Checkpoint.INDEX), index);
  }
}
